/* casepipe: a look-up in the table of commands. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/help.h"
#include "pipeline/cli/messages.h"
#include "pipeline/cli/signals.h"
#include "pipeline/core/span.h"

#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <unistd.h>

/* To add a command: one cmd_*.c, and its row here. */
const cp_command *const cp_commands[] = {
    &cp_command_report, &cp_command_convert, &cp_command_validate,
    &cp_command_head,   &cp_command_inspect, &cp_command_schema,
    &cp_command_search, &cp_command_gen,     NULL,
};

static const cp_command *find_command(const char *name)
{
    for (const cp_command *const *command = cp_commands; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static int usage_error(const char *format, const char *word)
{
    cp_error err;
    cp_fail(&err, CP_E_USAGE, "usage", format, word);
    return cp_report_error(&err);
}

/* casepipe help, help COMMAND, help --man */
static int help(int argc, char **argv)
{
    if (argc == 0)
        return cp_help_overview();
    if (strcmp(argv[0], "--man") == 0)
        return cp_help_manual();
    const cp_command *command = find_command(argv[0]);
    return command ? cp_help_command(command)
                   : usage_error("no command \"%s\"; see casepipe --help", argv[0]);
}

/* A standard stream that is closed gets a stand-in, so that no file takes its number: reads and
 * writes fail, since a lost input is no empty one, and notes go nowhere. */
static void open_missing_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            _exit(cp_exit_status(CP_E_IO));
}

/* Usage errors, too, are told in the form that was asked for. */
static void find_log_format(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--log-format=json") == 0 ||
            (strcmp(argv[i], "--log-format") == 0 && i + 1 < argc &&
             strcmp(argv[i + 1], "json") == 0))
            cp_messages_set(CP_LOG_JSON, false);
}

/* Large buffers come and go as mappings of their own, never out of a heap that keeps growing:
 * without this, glibc raises the threshold at the first one that is freed. */
static void settle_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_ARENA_MAX, 2);
}

int main(int argc, char **argv)
{
    settle_memory();
    open_missing_streams();
    find_log_format(argc, argv);
    setlocale(LC_CTYPE, "C.UTF-8");
    cp_signals_install();
    if (argc < 2)
        return usage_error("%s; see casepipe --help", "a command is needed");
    if (is_one_of(argv[1], "--version", "-V"))
        return cp_help_version();
    if (is_one_of(argv[1], "--help", "-h"))
        return cp_help_overview();
    if (strcmp(argv[1], "help") == 0)
        return help(argc - 2, argv + 2);
    const cp_command *command = find_command(argv[1]);
    if (!command)
        return usage_error("no command \"%s\"; see casepipe --help", argv[1]);
    for (int i = 2; i < argc && strcmp(argv[i], "--"); i++)
        if (is_one_of(argv[i], "--help", "-h"))
            return cp_help_command(command);
    return command->main(command, argc - 2, argv + 2);
}
