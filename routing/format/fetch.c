#include "routing/format/fetch.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct answer {
    char *at;
    size_t n, max;
};

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct answer *a = arg;
    size_t more = size * n;
    char *at = more > a->max - a->n ? NULL : realloc(a->at, a->n + more + 1);

    if (!at)
        return 0;
    a->at = at;
    memcpy(a->at + a->n, data, more);
    a->n += more;
    a->at[a->n] = '\0';
    return more;
}

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int perform(CURL *c, const char *url, const struct fetch_options *o, struct answer *a,
                   long *ret_status, struct route_error *err)
{
    char why[CURL_ERROR_SIZE] = "";
    CURLcode rc;

    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
    curl_easy_setopt(c, CURLOPT_USERAGENT, o->agent);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
    rc = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
    if (rc == CURLE_WRITE_ERROR)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "%.100s: the answer is longer than %zu bytes", url,
                               a->max);
    if (rc)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "%.100s: %s", url,
                               *why ? why : curl_easy_strerror(rc));
    return 0;
}

int fetch_get(const char *url, const struct fetch_options *o, char **ret_body, size_t *ret_len,
              int *ret_status, struct route_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct answer a = {.max = o->answer_max};
    long status = 0;
    CURL *c;
    int rc;

    pthread_once(&once, init_curl);
    c = curl_easy_init();
    if (!c)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "libcurl cannot start");
    rc = perform(c, url, o, &a, &status, err);
    curl_easy_cleanup(c);
    if (rc) {
        free(a.at);
        return -1;
    }
    *ret_body = a.at ? a.at : calloc(1, 1);
    *ret_len = a.n;
    *ret_status = (int)status;
    return *ret_body ? 0 : route_error_set(err, ROUTE_OUTSIDE, -1, "out of memory");
}
