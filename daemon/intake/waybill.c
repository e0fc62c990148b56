#include "daemon/intake/waybill.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool all(const char *s, size_t n, int (*is)(int c))
{
    for (size_t i = 0; i < n; i++)
        if (!isascii((unsigned char)s[i]) || !is((unsigned char)s[i]))
            return false;
    return true;
}

/* Modulo 11 with the weights of UPU S10. */
static int s10_digit(const char *eight)
{
    static const int weights[] = {8, 6, 4, 2, 3, 5, 9, 7};
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += weights[i] * (eight[i] - '0');
    int digit = 11 - sum % 11;
    return digit == 10 ? 0 : digit == 11 ? 5 : digit;
}

/* Modulo 10, weights 3 and 1 in turn from the left of seventeen. */
static int sscc_digit(const char *seventeen)
{
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (i % 2 ? 1 : 3) * (seventeen[i] - '0');
    return (10 - sum % 10) % 10;
}

static bool is_s10(const char *s, size_t n)
{
    return n == 13 && all(s, 2, isalpha) && all(s + 2, 9, isdigit) && all(s + 11, 2, isalpha);
}

static bool is_sscc(const char *s, size_t n)
{
    return all(s, n, isdigit) && (n == 18 || (n == 20 && !strncmp(s, "00", 2)));
}

bool waybill_holds(const char *waybill, char why[WAYBILL_WHY_MAX])
{
    size_t n = strlen(waybill);
    const char *form = NULL;
    int want = 0, got = 0;
    if (is_s10(waybill, n)) {
        form = "UPU S10";
        want = s10_digit(waybill + 2);
        got = waybill[10] - '0';
    } else if (is_sscc(waybill, n)) {
        form = "GS1 SSCC";
        want = sscc_digit(waybill + n - 18);
        got = waybill[n - 1] - '0';
    }
    if (want == got)
        return true;
    snprintf(why, WAYBILL_WHY_MAX, "check-digit: %s asks for %d here, not %d", form, want, got);
    return false;
}
