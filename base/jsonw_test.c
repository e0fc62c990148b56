#include "base/jsonw.h"

#include <check.h>
#include <event2/buffer.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct out {
    struct evbuffer *b;
    struct jsonw w;
};

static void begin(struct out *o)
{
    o->b = evbuffer_new();
    jsonw_begin(&o->w, o->b);
}

/* What was written, checked by a reader; NULL when the writer failed. Freed by the caller. */
static char *ended(struct out *o)
{
    char *text = NULL;
    if (!jsonw_end(&o->w)) {
        evbuffer_add(o->b, "", 1);
        text = strdup((const char *)evbuffer_pullup(o->b, -1));
        json_t *v = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        ck_assert_msg(v != NULL, "%s", text);
        json_decref(v);
    }
    evbuffer_free(o->b);
    return text;
}

START_TEST(everything_once)
{
    struct out o;
    begin(&o);
    jsonw_object(&o.w);
    jsonw_name(&o.w, "a\"b");
    jsonw_array(&o.w);
    jsonw_int(&o.w, INT64_MIN);
    jsonw_int(&o.w, INT64_MAX);
    jsonw_real(&o.w, -1.25, 2);
    jsonw_real(&o.w, NAN, 2);
    jsonw_real(&o.w, INFINITY, 2);
    jsonw_bool(&o.w, true);
    jsonw_null(&o.w);
    jsonw_text(&o.w, NULL);
    jsonw_text(&o.w, "驿站\n\t\"\\\x01\x7f/");
    jsonw_text_n(&o.w, "a\0b", 3);
    jsonw_raw(&o.w, "{\"x\":[]}", 8);
    jsonw_array_end(&o.w);
    jsonw_name(&o.w, "b");
    jsonw_object(&o.w);
    jsonw_object_end(&o.w);
    jsonw_object_end(&o.w);
    char *text = ended(&o);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(
        strstr(text, "[-9223372036854775808,9223372036854775807,-1.25,null,null,true,null,null,"));
    ck_assert_ptr_nonnull(strstr(text, "驿站\\n\\t\\\"\\\\\\u0001"));
    ck_assert_ptr_nonnull(strstr(text, "a\\u0000b"));
    ck_assert_ptr_nonnull(strstr(text, "\"b\":{}}"));
    free(text);
}
END_TEST

START_TEST(much_text_comes_out_whole)
{
    struct out o;
    begin(&o);
    jsonw_array(&o.w);
    for (int i = 0; i < 2000; i++)
        jsonw_text(&o.w, "0123456789\"驿");
    jsonw_array_end(&o.w);
    char *text = ended(&o);
    ck_assert_uint_eq(strlen(text), 2 + 2000 * 17 + 1999);
    free(text);
}
END_TEST

/* Every way not to nest, and every kind of bytes that are no UTF-8. */
static void no_value(struct jsonw *w)
{
    (void)w;
}
static void two_values(struct jsonw *w)
{
    jsonw_null(w);
    jsonw_null(w);
}
static void not_closed(struct jsonw *w)
{
    jsonw_array(w);
}
static void closed_wrongly(struct jsonw *w)
{
    jsonw_array(w);
    jsonw_object_end(w);
}
static void closed_too_often(struct jsonw *w)
{
    jsonw_array(w);
    jsonw_array_end(w);
    jsonw_array_end(w);
}
static void no_name(struct jsonw *w)
{
    jsonw_object(w);
    jsonw_int(w, 1);
    jsonw_object_end(w);
}
static void no_value_for_a_name(struct jsonw *w)
{
    jsonw_object(w);
    jsonw_name(w, "a");
    jsonw_object_end(w);
}
static void a_name_in_a_list(struct jsonw *w)
{
    jsonw_array(w);
    jsonw_name(w, "a");
    jsonw_array_end(w);
}
static void too_deep(struct jsonw *w)
{
    for (int i = 0; i <= JSONW_DEPTH_MAX; i++)
        jsonw_array(w);
    for (int i = 0; i <= JSONW_DEPTH_MAX; i++)
        jsonw_array_end(w);
}
static void latin1(struct jsonw *w)
{
    jsonw_text(w, "caf\xe9");
}
static void overlong(struct jsonw *w)
{
    jsonw_text(w, "\xc0\xaf");
}
static void surrogate(struct jsonw *w)
{
    jsonw_text(w, "\xed\xa0\x80");
}
static void beyond(struct jsonw *w)
{
    jsonw_text(w, "\xf4\x90\x80\x80");
}
static void cut(struct jsonw *w)
{
    jsonw_text(w, "\xe9\xa9");
}

static void (*const wrong[])(struct jsonw *w) = {
    no_value,         two_values, not_closed, closed_wrongly, closed_too_often, no_name, no_value_for_a_name,
    a_name_in_a_list, too_deep,   latin1,     overlong,       surrogate,        beyond,  cut,
};

START_TEST(what_is_wrong_is_told_at_the_end)
{
    struct out o;
    begin(&o);
    wrong[_i](&o.w);
    ck_assert_ptr_null(ended(&o));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/jsonw");
    TCase *t = tcase_create("jsonw");
    tcase_add_test(t, everything_once);
    tcase_add_test(t, much_text_comes_out_whole);
    tcase_add_loop_test(t, what_is_wrong_is_told_at_the_end, 0, sizeof wrong / sizeof wrong[0]);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
