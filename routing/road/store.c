#include "routing/road/store.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, BYTE_ORDER_MARK = 0x01020304 };
static const char magic[8] = "YZROAD\r\n";

struct header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t size, checksum; /* over the whole file with this field zero */
    uint32_t n_sections, reserved[7];
};

enum {
    SECTIONS_MAX = 1023,
    START = (sizeof(struct header) + SECTIONS_MAX * sizeof(struct store_section) + ALIGN - 1) / ALIGN * ALIGN
};

/* Four independent multiply-xor lanes over 32-byte blocks; catches any flipped or missing byte, and is
 * as fast as memory. Not cryptographic. */
static uint64_t checksum(const uint8_t *p, size_t n)
{
    uint64_t h[4] = {1, 2, 3, 4}, word[4];

    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(word, p, sizeof word);
        for (int i = 0; i < 4; i++) {
            h[i] = (h[i] ^ word[i]) * 0x9e3779b97f4a7c15ULL;
            h[i] ^= h[i] >> 32;
        }
    }
    for (; n; p++, n--)
        h[0] = (h[0] ^ *p) * 0x9e3779b97f4a7c15ULL;
    for (int i = 1; i < 4; i++)
        h[0] = (h[0] ^ h[i] ^ h[0] >> 29) * 0xbf58476d1ce4e5b9ULL;
    return h[0];
}

static uint64_t checksum_file(const void *data, size_t size)
{
    struct header h;

    memcpy(&h, data, sizeof h);
    h.checksum = 0;
    return checksum((const uint8_t *)&h, sizeof h) * 31 +
           checksum((const uint8_t *)data + sizeof h, size - sizeof h);
}

/* The table's room is set aside in front, so that the body never has to move. */
static void pad(struct text *t, size_t to)
{
    while (t->n < to) {
        static const char zeros[1024];
        size_t n = to - t->n < sizeof zeros ? to - t->n : sizeof zeros;

        text_append(t, zeros, n);
    }
}

void store_add(struct store_writer *w, uint32_t tag, uint32_t index, const void *at, size_t n,
               uint32_t element)
{
    struct store_section s = {tag, index, 0, (uint64_t)n * element, element, 0};

    if (w->sections.n == SECTIONS_MAX)
        abort();
    pad(&w->body, START);
    s.offset = w->body.n;
    VEC_PUSH(&w->sections, s);
    text_append(&w->body, at, n * element);
    pad(&w->body, (w->body.n + ALIGN - 1) / ALIGN * ALIGN);
}

void *store_finish(struct store_writer *w, uint32_t version, size_t *ret_size)
{
    struct header h = {
        .version = version, .byte_order = BYTE_ORDER_MARK, .n_sections = (uint32_t)w->sections.n};
    uint8_t *out = (uint8_t *)w->body.at;

    memcpy(h.magic, magic, sizeof magic);
    h.size = w->body.n;
    memcpy(out + sizeof h, w->sections.at, w->sections.n * sizeof *w->sections.at);
    memcpy(out, &h, sizeof h);
    store_seal(out, h.size);
    free(w->sections.at);
    *ret_size = h.size;
    return out;
}

static int check_header(const struct header *h, const uint8_t *data, size_t size, uint32_t version,
                        struct route_error *err)
{
    if (memcmp(h->magic, magic, sizeof magic))
        return route_error_set(err, ROUTE_BAD_INPUT, 0, "not a road file (.yzr)");
    if (h->byte_order != BYTE_ORDER_MARK)
        return route_error_set(err, ROUTE_BAD_INPUT, 12,
                               "the road file was made on a machine of another byte order");
    if (h->version != version)
        return route_error_set(err, ROUTE_BAD_INPUT, 8,
                               "the road file has version %u, this program reads %u: import the map again",
                               h->version, version);
    if (h->size != size)
        return route_error_set(err, ROUTE_BAD_INPUT, (int64_t)size,
                               "the road file has %zu bytes instead of %llu: truncated?", size,
                               (unsigned long long)h->size);
    if (h->checksum != checksum_file(data, size))
        return route_error_set(err, ROUTE_BAD_INPUT, -1,
                               "the road file is damaged: its checksum does not match");
    return 0;
}

int store_open(struct store *s, const void *data, size_t size, uint32_t version, struct route_error *err)
{
    struct header h;

    if (size < sizeof h)
        return route_error_set(err, ROUTE_BAD_INPUT, (int64_t)size,
                               "the road file is shorter than its header");
    memcpy(&h, data, sizeof h);
    if (check_header(&h, data, size, version, err))
        return -1;
    *s = (struct store){data, size, (const struct store_section *)((const uint8_t *)data + sizeof h),
                        h.n_sections};
    if (h.n_sections > (size - sizeof h) / sizeof *s->sections)
        return route_error_set(err, ROUTE_BAD_INPUT, sizeof h, "the road file's section table does not fit");
    for (uint32_t i = 0; i < s->n; i++) {
        const struct store_section *x = &s->sections[i];

        if (!x->element || x->bytes % x->element || x->offset % ALIGN || x->offset > size ||
            x->bytes > size - x->offset)
            return route_error_set(err, ROUTE_BAD_INPUT, (int64_t)x->offset,
                                   "section %u of the road file is broken", i);
    }
    return 0;
}

int store_get(const struct store *s, uint32_t tag, uint32_t index, uint32_t element, const void **ret,
              size_t *ret_n, struct route_error *err)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct store_section *x = &s->sections[i];

        if (x->tag != tag || x->index != index || x->element != element)
            continue;
        *ret = s->data + x->offset;
        *ret_n = x->bytes / element;
        return 0;
    }
    return route_error_set(err, ROUTE_BAD_INPUT, -1, "the road file lacks section %u of profile %u", tag,
                           index);
}

int store_replace(void *data, size_t size, uint32_t tag, uint32_t index, const void *at, size_t bytes)
{
    const struct header *h = data;
    const struct store_section *x = (const struct store_section *)((const uint8_t *)data + sizeof *h);

    for (uint32_t i = 0; i < h->n_sections; i++, x++)
        if (x->tag == tag && x->index == index && x->bytes == bytes && x->offset + bytes <= size) {
            memcpy((uint8_t *)data + x->offset, at, bytes);
            return 0;
        }
    return -1;
}

void store_seal(void *data, size_t size)
{
    struct header *h = data;

    h->checksum = checksum_file(data, size);
}

uint64_t store_checksum(const void *data)
{
    return ((const struct header *)data)->checksum;
}
