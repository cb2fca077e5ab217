/*
 * What is said to the person: errors in the form that editors and compilers use. Bytes that a terminal might take as commands
 * are never passed on.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static void put_safe(const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        fputc(c < ' ' && c != '\t' ? ' ' : c == 0x7f ? ' ' : c, stderr);
    }
}

/** White space as wide as the first `column` - 1 characters of the line: tabs stay tabs, a UTF-8 character is one column. */
static void put_indent(const char *line, int column)
{
    int at = 1;

    for (; *line && at < column; line++) {
        if (((unsigned char)*line & 0xc0u) == 0x80u) {
            continue;
        }
        fputc(*line == '\t' ? '\t' : ' ', stderr);
        at++;
    }
}

int cli_report(const estro_diag *diag)
{
    put_safe(diag->source[0] ? diag->source : "estro");
    if (diag->line > 0) {
        fprintf(stderr, ":%ld", (long)diag->line);
        if (diag->column > 0) {
            fprintf(stderr, ":%ld", (long)diag->column);
        }
    }
    fputs(": error: ", stderr);
    put_safe(diag->text[0] ? diag->text : estro_status_text(diag->status));
    if (diag->line <= 0 && diag->offset >= 0) {
        fprintf(stderr, " (at byte %lld)", (long long)diag->offset);
    }
    fputc('\n', stderr);
    if (diag->excerpt[0]) {
        fputs("    ", stderr);
        put_safe(diag->excerpt);
        fputs("\n    ", stderr);
        put_indent(diag->excerpt, diag->caret);
        fputs("^\n", stderr);
    }
    return CLI_FAILED;
}

int cli_fail(const char *format, ...)
{
    va_list arguments;

    fputs("estro: error: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return CLI_FAILED;
}

int cli_misuse(const cli_command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "estro %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nusage: estro %s %s; `estro %s --help` tells more\n", command->name,
            command->arguments, command->name);
    return CLI_USAGE;
}

int cli_finish(int status)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        const int why = errno;
        fprintf(stderr, "estro: error: cannot write to standard output: %s\n",
                why ? strerror(why) : "write failed");
        return CLI_FAILED;
    }
    return status;
}
