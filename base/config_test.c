#include "base/config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct config_setting settings[] = {
    {"http.port", CONFIG_INT, "8443", 0, 65535, "where to listen"},
    {"clock.rate", CONFIG_REAL, "0", 0, 10000, "business seconds per second"},
    {"db.conninfo", CONFIG_TEXT, "", 0, 0, "libpq connection string"},
    {"db.strict", CONFIG_BOOL, "yes", 0, 0, "strictness"},
    {"db.url", CONFIG_SECRET, "none", 0, 0, "where, with a password"},
};

enum { n_settings = sizeof settings / sizeof settings[0] };

static struct config *loaded(const char *text, struct error *err)
{
    char path[] = "/tmp/config_test.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct config *c = config_new(settings, n_settings);
    int rc = config_load(c, path, err);
    unlink(path);
    if (!rc)
        return c;
    config_free(c);
    return NULL;
}

START_TEST(defaults_file_and_command_line)
{
    struct error err = {0};
    struct config *c =
        loaded("; a comment\n[http]\nport = 9000\n[db]\nconninfo = host=/run dbname=y\n", &err);
    ck_assert_msg(c != NULL, "%s", err.text);
    ck_assert_int_eq(config_int(c, "http.port"), 9000);
    ck_assert_str_eq(config_text(c, "db.conninfo"), "host=/run dbname=y");
    ck_assert_str_eq(config_text(c, "db.strict"), "yes");
    ck_assert_int_eq(config_set(c, "clock.rate=720", &err), 0);
    ck_assert_double_eq(config_real(c, "clock.rate"), 720);
    config_free(c);
}
END_TEST

static const struct bad {
    const char *text, *says;
} bad[] = {
    {"[http]\nport = 70000\n", "line 2: http.port"},
    {"[http]\nport = 80x\n", "line 2: http.port"},
    {"[http]\n\nprot = 80\n", "line 3: there is no setting 'http.prot'"},
    {"[db]\nstrict = maybe\n", "must be yes or no"},
    {"[db\nstrict = yes\n", "line 1"},
};

START_TEST(errors_name_the_line)
{
    struct error err = {0};
    ck_assert_ptr_null(loaded(bad[_i].text, &err));
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "'%s' lacks '%s'", err.text, bad[_i].says);
}
END_TEST

START_TEST(what_is_shown_can_be_loaded)
{
    struct error err = {0};
    char *text = NULL;
    size_t len;
    struct config *c = config_new(settings, n_settings);
    ck_assert_int_eq(config_set(c, "http.port=1234", &err), 0);
    FILE *out = open_memstream(&text, &len);
    config_show(c, out);
    fclose(out);
    struct config *d = loaded(text, &err);
    ck_assert_msg(d != NULL, "%s in\n%s", err.text, text);
    ck_assert_int_eq(config_int(d, "http.port"), 1234);
    config_free(c);
    config_free(d);
    free(text);
}
END_TEST

START_TEST(secrets_are_not_shown)
{
    struct error err = {0};
    char *text = NULL, longer[CONFIG_TEXT_MAX + 16];
    size_t len;
    struct config *c = config_new(settings, n_settings);
    for (int set = 0; set < 2; set++) {
        FILE *out = open_memstream(&text, &len);
        config_show(c, out);
        fclose(out);
        ck_assert_int_eq(strstr(text, "url = none\n") != NULL, !set);
        ck_assert_ptr_null(strstr(text, "hunter2"));
        free(text);
        ck_assert_int_eq(config_set(c, "db.url=http://a:hunter2@b", &err), 0);
        ck_assert_str_eq(config_text(c, "db.url"), "http://a:hunter2@b");
    }
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "db.url=hunter2", 14);
    longer[sizeof longer - 1] = '\0';
    ck_assert_int_eq(config_set(c, longer, &err), -1);
    ck_assert_ptr_null(strstr(err.text, "hunter2"));
    config_free(c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/config");
    TCase *t = tcase_create("config");
    tcase_add_test(t, defaults_file_and_command_line);
    tcase_add_loop_test(t, errors_name_the_line, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, what_is_shown_can_be_loaded);
    tcase_add_test(t, secrets_are_not_shown);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
