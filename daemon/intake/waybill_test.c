#include "daemon/intake/waybill.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *waybill;
    bool holds;
} vectors[] = {
    /* UPU S10-12: its own example, then one for each special remainder */
    {"RR473124829GB", true},
    {"RR473124828GB", false},
    {"rr473124829gb", true},
    {"EE000000005CN", true}, /* remainder 0: 11 becomes 5 */
    {"EE000000000CN", false},
    {"EA000000100CN", false},
    {"RR473214829GB", false}, /* neighbours changed places */
    /* GS1 General Specifications: the SSCC of their figures */
    {"106141412345678908", true},
    {"00106141412345678908", true},
    {"106141412345678907", false},
    {"00106141412345678900", false},
    {"000000000000000000", true},
    {"376104250021234569", true},
    {"376104250021234565", false},
    /* numbers that promise nothing */
    {"", true},
    {"YT1234567890123", true},
    {"773123456789012", true},
    {"10614141234567890", true},
    {"1061414123456789080", true},
    {"12106141412345678900", true},
    {"RR47312482XGB", true},
    {"RR4731248281B", true},
    {"R\xc3\xa9"
     "47312482GB",
     true},
};

START_TEST(vector)
{
    char why[WAYBILL_WHY_MAX] = "";
    ck_assert_msg(waybill_holds(vectors[_i].waybill, why) == vectors[_i].holds, "%s", vectors[_i].waybill);
    ck_assert_int_eq(!*why, vectors[_i].holds);
}
END_TEST

static void spell(char ret[32], int form, unsigned number, int digit)
{
    if (form == 0)
        snprintf(ret, 32, "RB%08u%dCN", number % 100000000u, digit);
    else
        snprintf(ret, 32, "%s%017u%d", form == 1 ? "" : "00", number, digit);
}

/* Of the ten last digits of a number exactly one is right, whatever the number. */
START_TEST(one_digit_in_ten)
{
    char waybill[32], why[WAYBILL_WHY_MAX];
    for (unsigned i = 0; i < 9000; i++) {
        int right = 0;
        for (int digit = 0; digit < 10; digit++) {
            spell(waybill, (int)(i % 3), i * 32771u, digit);
            right += waybill_holds(waybill, why);
        }
        ck_assert_int_eq(right, 1);
    }
}
END_TEST

START_TEST(the_reason_names_the_digit)
{
    char why[WAYBILL_WHY_MAX];
    ck_assert(!waybill_holds("RR473124821GB", why));
    ck_assert_str_eq(why, "check-digit: UPU S10 asks for 9 here, not 1");
    ck_assert(!waybill_holds("106141412345678901", why));
    ck_assert_str_eq(why, "check-digit: GS1 SSCC asks for 8 here, not 1");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("intake/waybill");
    TCase *t = tcase_create("waybill");
    tcase_add_loop_test(t, vector, 0, sizeof vectors / sizeof vectors[0]);
    tcase_add_test(t, one_digit_in_ten);
    tcase_add_test(t, the_reason_names_the_digit);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
