/* Writes login records as the C library declares them, for test_wtmp.py.
 *
 *   wtmp_writer COUNT SEED FILE     COUNT records into FILE; on stdout each one as a JSON line with
 *                                   the names of examples/wtmp.yaml */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utmp.h>

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood, 2014). */
static uint64_t random_bits(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* From nothing to as many bytes as the member holds: then no NUL stands behind them. */
static void fill_text(char *member, size_t capacity)
{
    static const char letters[] = "abcxyz019-.:/~";
    size_t size = random_bits() % 4 ? random_bits() % (capacity + 1) : random_bits() % 2 * capacity;
    for (size_t i = 0; i < size; i++)
        member[i] = letters[random_bits() % (sizeof letters - 1)];
}

static void fill(struct utmp *record)
{
    memset(record, 0, sizeof *record);
    record->ut_type = (short)(random_bits() % (ACCOUNTING + 1));
    record->ut_pid = (pid_t)random_bits();
    fill_text(record->ut_line, sizeof record->ut_line);
    fill_text(record->ut_id, sizeof record->ut_id);
    fill_text(record->ut_user, sizeof record->ut_user);
    fill_text(record->ut_host, sizeof record->ut_host);
    record->ut_exit.e_termination = (short)random_bits();
    record->ut_exit.e_exit = (short)random_bits();
    record->ut_session = (int32_t)random_bits();
    record->ut_tv.tv_sec = (int32_t)random_bits();
    record->ut_tv.tv_usec = (int32_t)(random_bits() % 1000000);
    for (int i = 0; i < 4; i++)
        record->ut_addr_v6[i] = (int32_t)random_bits();
}

static void tell(const struct utmp *record)
{
    static const char *const types[] = {
        "EMPTY",        "RUN_LVL",       "BOOT_TIME",    "NEW_TIME",     "OLD_TIME",
        "INIT_PROCESS", "LOGIN_PROCESS", "USER_PROCESS", "DEAD_PROCESS", "ACCOUNTING"};
    printf("{\"type\":\"%s\",\"pid\":%d,", types[record->ut_type], (int)record->ut_pid);
    printf("\"line\":\"%.*s\",", (int)sizeof record->ut_line, record->ut_line);
    printf("\"id\":\"%.*s\",", (int)sizeof record->ut_id, record->ut_id);
    printf("\"user\":\"%.*s\",", (int)sizeof record->ut_user, record->ut_user);
    printf("\"host\":\"%.*s\",", (int)sizeof record->ut_host, record->ut_host);
    printf("\"termination\":%d,\"exit\":%d,", record->ut_exit.e_termination,
           record->ut_exit.e_exit);
    printf("\"session\":%" PRId32 ",", (int32_t)record->ut_session);
    printf("\"time\":%" PRId32 ",\"microseconds\":%" PRId32, (int32_t)record->ut_tv.tv_sec,
           (int32_t)record->ut_tv.tv_usec);
    for (int i = 0; i < 4; i++)
        printf(",\"address%d\":%" PRIu32, i, (uint32_t)record->ut_addr_v6[i]);
    printf("}\n");
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 64;
    FILE *file = fopen(argv[3], "wb");
    if (!file)
        return 73;
    state = strtoull(argv[2], NULL, 0);
    for (unsigned long i = strtoul(argv[1], NULL, 0); i > 0; i--) {
        struct utmp record;
        fill(&record);
        tell(&record);
        if (fwrite(&record, sizeof record, 1, file) != 1)
            return 74;
    }
    return fclose(file) || fflush(stdout) || ferror(stdout) ? 74 : 0;
}
