#include "daemon/dispatch/bundle.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A wave written by hand: one point with a locker, one with a station, one with doors only. */
static struct wave_point points[] = {
    {.id = "p0", .walk_s = 60, .service_s = 30},
    {.id = "p1", .walk_s = 60, .service_s = 30, .station = true},
    {.id = "p2"},
};

static struct wave wave_of(struct wave_parcel *parcels, int32_t n, struct wave_locker *lockers,
                           int32_t n_lockers)
{
    return (struct wave){.n_points = 3,
                         .points = points,
                         .n_parcels = n,
                         .parcels = parcels,
                         .n_lockers = n_lockers,
                         .lockers = lockers};
}

static struct wave_parcel parcel(const char *id, const char *who, int32_t point, enum wave_size size,
                                 enum wave_mode first, enum wave_mode second)
{
    return (struct wave_parcel){.id = id,
                                .recipient = who,
                                .point = point,
                                .size = size,
                                .grams = 500,
                                .cm3 = 2000,
                                .n_modes = first == second ? 1 : 2,
                                .modes = {first, second},
                                .promised = INT32_MAX};
}

static int parcels_by(const struct bundles *b, enum wave_mode mode)
{
    int n = 0;
    for (int32_t i = 0; i < b->n; i++)
        if (b->list[i].mode == mode)
            n += b->list[i].n;
    return n;
}

/* Every parcel is in exactly one bundle or left. */
static void check_partition(const struct wave *w, const struct bundles *b)
{
    char *seen = calloc((size_t)w->n_parcels + 1, 1);
    for (int32_t i = 0; i < b->n; i++)
        for (int32_t k = 0; k < b->list[i].n; k++)
            seen[b->order[b->list[i].first + k]]++;
    for (int32_t i = 0; i < b->n_left; i++)
        seen[b->left[i]]++;
    for (int32_t i = 0; i < w->n_parcels; i++)
        ck_assert_int_eq(seen[i], 1);
    free(seen);
}

START_TEST(a_locker_is_filled_by_size_and_the_rest_goes_on)
{
    struct wave_locker lockers[] = {{.id = "l0", .point = 0, .free = {1, 1, 0, 0}}};
    struct wave_parcel parcels[] = {
        parcel("a", "ann", 0, SIZE_S, MODE_LOCKER, MODE_DOOR),
        parcel("b", "bob", 0, SIZE_S, MODE_LOCKER, MODE_DOOR),   /* takes the M */
        parcel("c", "cat", 0, SIZE_S, MODE_LOCKER, MODE_DOOR),   /* no room: to the door */
        parcel("d", "dan", 0, SIZE_L, MODE_LOCKER, MODE_LOCKER), /* nothing fits, nothing else agreed */
    };
    struct wave w = wave_of(parcels, 4, lockers, 1);
    struct bundles b;
    bundles_make(&w, 40, 1000000, 1000000, &b);
    check_partition(&w, &b);
    ck_assert_int_eq(parcels_by(&b, MODE_LOCKER), 2);
    ck_assert_int_eq(parcels_by(&b, MODE_DOOR), 1);
    ck_assert_int_eq(b.n_left, 1);
    ck_assert_int_eq(b.left[0], 3);
    bundles_fini(&b);
}
END_TEST

START_TEST(parcels_of_one_recipient_share_a_compartment)
{
    struct wave_locker lockers[] = {{.id = "l0", .point = 0, .free = {1, 0, 0, 0}}};
    struct wave_parcel parcels[] = {
        parcel("a", "ann", 0, SIZE_S, MODE_LOCKER, MODE_LOCKER),
        parcel("b", "ann", 0, SIZE_S, MODE_LOCKER, MODE_LOCKER),
        parcel("c", "bob", 0, SIZE_S, MODE_LOCKER, MODE_LOCKER),
    };
    struct wave w = wave_of(parcels, 3, lockers, 1);
    struct bundles b;
    bundles_make(&w, 40, 1000000, 1000000, &b);
    check_partition(&w, &b);
    ck_assert_int_eq(parcels_by(&b, MODE_LOCKER), 2);
    ck_assert_int_eq(b.n_left, 1);
    ck_assert_int_eq(b.left[0], 2);
    bundles_fini(&b);
}
END_TEST

START_TEST(the_urgent_get_the_compartment)
{
    struct wave_locker lockers[] = {{.id = "l0", .point = 0, .free = {1, 0, 0, 0}}};
    struct wave_parcel parcels[] = {
        parcel("a", "ann", 0, SIZE_S, MODE_LOCKER, MODE_DOOR),
        parcel("b", "bob", 0, SIZE_S, MODE_LOCKER, MODE_DOOR),
    };
    parcels[1].priority = 5;
    struct wave w = wave_of(parcels, 2, lockers, 1);
    struct bundles b;
    bundles_make(&w, 40, 1000000, 1000000, &b);
    for (int32_t i = 0; i < b.n; i++)
        if (b.list[i].mode == MODE_LOCKER)
            ck_assert_int_eq(b.order[b.list[i].first], 1);
    bundles_fini(&b);
}
END_TEST

START_TEST(a_station_only_where_there_is_one)
{
    struct wave_parcel parcels[] = {
        parcel("a", "ann", 1, SIZE_S, MODE_STATION, MODE_DOOR),
        parcel("b", "bob", 2, SIZE_S, MODE_STATION, MODE_DOOR),
    };
    struct wave w = wave_of(parcels, 2, NULL, 0);
    struct bundles b;
    bundles_make(&w, 40, 1000000, 1000000, &b);
    check_partition(&w, &b);
    ck_assert_int_eq(parcels_by(&b, MODE_STATION), 1);
    ck_assert_int_eq(parcels_by(&b, MODE_DOOR), 1);
    bundles_fini(&b);
}
END_TEST

START_TEST(bundles_keep_their_bounds)
{
    enum { N = 500 };
    static struct wave_parcel parcels[N];
    static char who[N][8];
    for (int i = 0; i < N; i++) {
        snprintf(who[i], sizeof who[i], "r%d", i / 2);
        parcels[i] = parcel(who[i], who[i], i % 3, SIZE_S, MODE_DOOR, MODE_DOOR);
        parcels[i].grams = 100 + i * 37 % 4000;
        parcels[i].priority = i % 4;
        parcels[i].promised = i % 5 ? INT32_MAX : 3600 + i;
    }
    struct wave w = wave_of(parcels, N, NULL, 0);
    struct bundles b;
    bundles_make(&w, 15, 20000, 60000, &b);
    check_partition(&w, &b);
    for (int32_t i = 0; i < b.n; i++) {
        const struct bundle *u = &b.list[i];
        int32_t grams = 0, cm3 = 0, promised = INT32_MAX, priority = 0;
        for (int32_t k = u->first; k < u->first + u->n; k++) {
            const struct wave_parcel *p = &parcels[b.order[k]];
            ck_assert_int_eq(p->point, u->point);
            grams += p->grams;
            cm3 += p->cm3;
            promised = p->promised < promised ? p->promised : promised;
            priority = p->priority > priority ? p->priority : priority;
        }
        ck_assert_int_eq(grams, u->grams);
        ck_assert_int_eq(cm3, u->cm3);
        ck_assert_int_eq(promised, u->promised);
        ck_assert_int_eq(priority, u->priority);
        ck_assert(u->n <= 15 && grams <= 20000 && cm3 <= 60000);
    }
    bundles_fini(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dispatch/bundle");
    TCase *t = tcase_create("bundle");
    tcase_add_test(t, a_locker_is_filled_by_size_and_the_rest_goes_on);
    tcase_add_test(t, parcels_of_one_recipient_share_a_compartment);
    tcase_add_test(t, the_urgent_get_the_compartment);
    tcase_add_test(t, a_station_only_where_there_is_one);
    tcase_add_test(t, bundles_keep_their_bounds);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
