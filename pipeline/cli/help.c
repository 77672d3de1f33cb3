/* Help as text, and the manual page as roff, from the same tables. */
#include "pipeline/cli/help.h"

#include "pipeline/cli/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char intro[] =
    "casepipe reads case logs too large for memory (JSONL, JSON arrays, CSV, access logs or\n"
    "fixed-width records, plain, compressed or in archives), checks every record once, and\n"
    "reports status counts and per-sensor statistics in constant memory.\n";

static const char exit_codes[] =
    "  0   clean\n"
    "  1   finished and published, with rejects inside the budget\n"
    "  64  usage\n"
    "  65  bad data: budget exceeded or input corrupt, results not published\n"
    "  66  no such input, or a glob that matches nothing\n"
    "  70  a bug in casepipe\n"
    "  71  out of memory or temporary space\n"
    "  73  cannot create output\n"
    "  74  read or write failed\n"
    "  75  another run holds the lock, try later\n"
    "  78  bad job or schema\n"
    "  128+n  ended by signal n\n";

static int finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    cp_error err;
    cp_fail_errno(&err, CP_E_IO, "write_failed", errno, "cannot write");
    cp_error_in(&err, "standard output");
    return cp_report_error(&err);
}

int cp_help_version(void)
{
    puts("casepipe " CASEPIPE_VERSION);
    return finish();
}

int cp_help_overview(void)
{
    fputs(intro, stdout);
    puts("\nUsage: casepipe COMMAND [OPTION...] [INPUT...]\n\nCommands:");
    for (const cp_command *const *command = cp_commands; *command; command++)
        printf("  %-10s%-17s%s\n", (*command)->name, (*command)->operands, (*command)->summary);
    puts("\n  casepipe COMMAND --help tells a command's options, casepipe help --man prints the\n"
         "  manual page, casepipe --version the version.\n\nExit codes:");
    fputs(exit_codes, stdout);
    return finish();
}

/* "-o, --output OUT" */
static int option_text(const cp_option *option, char *out, size_t capacity)
{
    char letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    return snprintf(out, capacity, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                    option->argument ? option->argument : "");
}

/* Words of `text` from column `indent` on, in lines of at most 80 characters. */
static void print_wrapped(const char *text, int indent)
{
    int column = indent;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > indent && column + 1 + (int)word > 80) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        column += printf("%s%.*s", column > indent ? " " : "", (int)word, text);
        text += word + strspn(text + word, " ");
    }
    putchar('\n');
}

static void print_option(const cp_option *option)
{
    enum { HELP_COLUMN = 34 };
    char text[96];
    int width = option_text(option, text, sizeof text);
    printf("  %-*s", HELP_COLUMN - 2, text);
    if (width > HELP_COLUMN - 3)
        printf("\n%*s", HELP_COLUMN, "");
    print_wrapped(option->help, HELP_COLUMN);
}

int cp_help_command(const cp_command *command)
{
    printf("Usage: casepipe %s [OPTION...] %s\n\n%s", command->name, command->operands,
           command->about);
    for (const cp_option_table *table = command->tables; table->rows; table++) {
        printf("\n%s:\n", table->title);
        for (const cp_option *row = table->rows; row->name; row++)
            print_option(row);
    }
    if (command->details)
        printf("\n%s", command->details);
    return finish();
}

/* Text into roff: backslashes, and dots and quotes at a line's start, would be requests. */
static void print_roff(const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        line_start = *text == '\n';
    }
}

static void print_verbatim(const char *text)
{
    puts(".nf");
    print_roff(text);
    puts(".fi");
}

static void manual_command(const cp_command *command)
{
    printf(".SS casepipe %s [OPTION...] %s\n", command->name, command->operands);
    print_verbatim(command->about);
    for (const cp_option_table *table = command->tables; table->rows; table++) {
        printf(".PP\n.I %s\n", table->title);
        for (const cp_option *row = table->rows; row->name; row++) {
            char text[96];
            option_text(row, text, sizeof text);
            fputs(".TP\n.B ", stdout);
            print_roff(text + strspn(text, " "));
            putchar('\n');
            print_roff(row->help);
            putchar('\n');
        }
    }
    if (command->details) {
        puts(".PP");
        print_verbatim(command->details);
    }
}

int cp_help_manual(void)
{
    puts(".TH CASEPIPE 1 \"\" \"casepipe " CASEPIPE_VERSION "\"\n.SH NAME\n"
         "casepipe \\- batch ETL for case logs too large for memory\n"
         ".SH SYNOPSIS\n.B casepipe\n.I COMMAND\n[OPTION...] [INPUT...]\n.SH DESCRIPTION");
    print_roff(intro);
    puts(".SH COMMANDS");
    for (const cp_command *const *command = cp_commands; *command; command++)
        manual_command(*command);
    puts(".SH EXIT STATUS");
    print_verbatim(exit_codes);
    return finish();
}
