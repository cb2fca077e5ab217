/*
 * The command line's entry: the table of commands, from which help is made, and the choice of one.
 */
#include "cli.h"

#include <string.h>

static const cli_command commands[] = {
    {"generate", "[OPTION...] [STYLE]", "Compose a piece and write it to a file", cli_generate},
    {"play", "[OPTION...] STYLE|FILE.mid", "Play a style, composed as it sounds, or a MIDI file",
     cli_play},
    {"render", "[OPTION...] FILE.mid", "Make a sound file of a MIDI file", cli_render},
    {"train", "[OPTION...] CORPUS... -o MODEL", "Train a model on folders of MIDI files",
     cli_train},
    {"show", "[OPTION...] FILE.mid", "Say what is in a MIDI file", cli_show},
    {"diff", "[OPTION...] A.mid B.mid", "Say in which bars and parts two MIDI files differ",
     cli_diff},
    {"explain", "[OPTION...] STYLE", "Say how a piece comes about: rules, chords, rhythms",
     cli_explain},
    {"fmt", "[OPTION...] STYLE...", "Lay out styles as all are", cli_fmt},
    {"check", "[OPTION...] STYLE|MODEL|FILE.mid...", "Say whether they are good", cli_check},
    {"evaluate", "[OPTION...] MODEL FILE|FOLDER...", "Print the exact nats of pieces under a model",
     cli_evaluate},
    {"recognise", "[OPTION...] FILE.mid...", "Say which style a piece is in", cli_recognise},
    {"styles", "[OPTION...] [STYLE...]", "List the styles that can be found by name", cli_styles},
    {"devices", "[OPTION...]", "List the MIDI devices that can be played to", cli_devices},
    {"doctor", "[OPTION...]", "Say what is built in and found, what is missing and how to get it",
     cli_doctor},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *to)
{
    fputs("Usage: estro COMMAND [OPTION...] [ARGUMENT...]\n"
          "Makes music from a style and a recurrent model.\n\nCommands:\n",
          to);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        fprintf(to, "  %-10s%s\n", commands[i].name, commands[i].summary);
    }
    fputs("\n  -h, --help     Show this, or with a command its options\n"
          "  -V, --version  Show the version, and what is built in\n\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
          to);
}

static const cli_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown(const char *name)
{
    fprintf(stderr, "estro: there is no command '%s'; commands are", name);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        fprintf(stderr, " %s", commands[i].name);
    }
    fputs("; `estro --help` tells more\n", stderr);
    return CLI_USAGE;
}

static int run(const cli_command *command, int argc, const char **argv)
{
    char name[32];

    snprintf(name, sizeof name, "estro %s", command->name);
    argv[0] = name;
    return cli_finish(command->run(command, argc, argv));
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (is_one_of(argv[1], "--version", "-V")) {
        printf("estro %s\nbuilt in: %s\n", estro_version(), estro_features());
        return cli_finish(CLI_OK);
    }
    if (is_one_of(argv[1], "--help", "-h") || (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_usage(stdout);
        return cli_finish(CLI_OK);
    }
    if (strcmp(argv[1], "help") == 0) {
        const cli_command *command = find(argv[2]);
        const char *line[] = {"estro", "--help", NULL};
        return command ? run(command, 2, line) : unknown(argv[2]);
    }
    const cli_command *command = find(argv[1]);
    return command ? run(command, argc - 1, (const char **)(void *)(argv + 1)) : unknown(argv[1]);
}
