/* Days and dates of the proleptic Gregorian calendar. Private to pipeline/text.
 *
 * Algorithms days_from_civil and civil_from_days of Howard Hinnant, "chrono-compatible low-level
 * date algorithms": years begin on 1 March, so that the leap day is the last, and eras of 400
 * years (146097 days) repeat. */
#ifndef CP_TEXT_CALENDAR_H
#define CP_TEXT_CALENDAR_H

#include <stdint.h>

enum { CP_DAYS_PER_ERA = 146097, CP_DAYS_TO_EPOCH = 719468, CP_DAY_SECONDS = 86400 };

typedef struct cp_date {
    int64_t year;
    unsigned month, day; /* from 1 */
} cp_date;

/* a / b towards minus infinity, b > 0. */
static inline int64_t cp_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* What it leaves over: 0 to b - 1. */
static inline int64_t cp_floor_mod(int64_t a, int64_t b)
{
    int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}

/* Days since 1970-01-01. */
static inline int64_t cp_days_of_date(cp_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = cp_floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9; /* 0: March */
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * CP_DAYS_PER_ERA + day_of_era - CP_DAYS_TO_EPOCH;
}

static inline cp_date cp_date_of_days(int64_t days)
{
    days += CP_DAYS_TO_EPOCH;
    int64_t era = cp_floor_div(days, CP_DAYS_PER_ERA);
    unsigned day_of_era = (unsigned)(days - era * CP_DAYS_PER_ERA);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * day_of_year + 2) / 153;
    return (cp_date){.year = era * 400 + year_of_era + (month >= 10),
                     .month = month < 10 ? month + 3 : month - 9,
                     .day = day_of_year - (153 * month + 2) / 5 + 1};
}

/* Decimal places of a second that each cp_unit counts. */
static const unsigned cp_unit_places[] = {0, 3, 6, 9};

#endif
