/*
 * estro fmt: styles in the one layout. A file that is written is a new one beside it, which then takes its name: whoever reads it sees the
 * old text or the new.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct job {
    int in_place, only_check;
    const char *name; /* As it was given. */
    const char *path; /* Where it lies. */
    int status;
} job;

/** Write to a file beside it, with its mode, and rename. @return An exit status. */
static int replace(const char *path, const char *text, size_t size)
{
    char fresh[PATH_MAX + 16];
    struct stat old;

    snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    const int file = mkstemp(fresh);
    if (file < 0) {
        return cli_fail("%s: cannot write beside it: %s", path, strerror(errno));
    }
    FILE *stream = fdopen(file, "wb");
    bool is_good = stream && stat(path, &old) == 0 && fchmod(file, old.st_mode & 07777) == 0 &&
                   fwrite(text, 1, size, stream) == size && fflush(stream) == 0 && fsync(file) == 0;
    const int why = errno;
    is_good = (stream ? fclose(stream) : close(file)) == 0 && is_good;
    if (!is_good || rename(fresh, path) != 0) {
        const int reason = is_good ? errno : why;
        unlink(fresh);
        return cli_fail("%s: cannot be written: %s", path, strerror(reason));
    }
    return CLI_OK;
}

static void take(void *self, const char *text, size_t size, bool is_same)
{
    job *j = self;

    if (j->only_check) {
        if (!is_same) {
            printf("%s\n", j->name);
            j->status = CLI_FAILED;
        }
    } else if (!j->in_place) {
        fwrite(text, 1, size, stdout);
    } else if (!is_same) {
        j->status = replace(j->path, text, size);
    }
}

/** @return An exit status. */
static int format(job *j, const char *name)
{
    char found[PATH_MAX], path[PATH_MAX];
    estro_diag diag = {0};

    j->name = name;
    j->status = CLI_OK;
    j->path = path;
    if (j->in_place) {
        if (estro_find(found, sizeof found, name, ".style", &diag) != ESTRO_OK) {
            return cli_report(&diag);
        }
        if (!realpath(found, path)) { /* a link stays one */
            return cli_fail("%s: %s", found, strerror(errno));
        }
    }
    if (estro_style_format(j->in_place ? path : name, take, j, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    return j->status;
}

int cli_fmt(const cli_command *command, int argc, const char **argv)
{
    job j = {0};
    struct poptOption table[] = {
        {"write", 'w', POPT_ARG_NONE, &j.in_place, 0, "Write the files anew that change", NULL},
        {"check", '\0', POPT_ARG_NONE, &j.only_check, 0,
         "Name those that would change, and fail if there are any", NULL},
        POPT_TABLEEND};
    cli_arguments arguments = {0};

    int status = cli_options(&arguments, command, table, 1, 1 << 20, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = CLI_OK;
    if (j.in_place && j.only_check) {
        status = cli_misuse(command, "--write and --check exclude each other");
    }
    for (int i = 0; i < arguments.n_names && status != CLI_USAGE; i++) {
        const bool is_stream = strcmp(arguments.names[i], "-") == 0;
        const int one = is_stream && j.in_place
                            ? cli_misuse(command, "standard input cannot be written anew")
                            : format(&j, arguments.names[i]);
        status = one == CLI_OK ? status : one;
    }
    cli_options_done(&arguments);
    return status;
}
