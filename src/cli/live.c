/*
 * Moving params while a style plays. The style is loaded anew here, in the thread that waits for the end of the piece; the composing
 * thread takes it when it comes to the next phrase, and the playing thread never hears of it. A knob that turns sends many values, so
 * one is waited for that stays.
 */
#include "live.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool is_about(const char *setting, const char *name)
{
    const size_t length = strlen(name);

    return strncmp(setting, name, length) == 0 && setting[length] == '=';
}

static void set(cli_live *live, const char *name, const char *value)
{
    size_t i = 0;

    while (i < live->n_settings && !is_about(live->settings[i], name)) {
        i++;
    }
    if (i == CLI_LIVE_PARAMS) {
        return;
    }
    live->n_settings += i == live->n_settings;
    snprintf(live->settings[i], CLI_LIVE_TEXT, "%.60s=%.60s", name, value);
    live->has_changed = live->is_fresh = true;
}

/* What a controller at `value` of 127 means for the params that it moves. */
static void move(cli_live *live, const estro_style *loaded, int controller, int value)
{
    estro_param param;
    char text[32];

    for (size_t i = 0; estro_style_param(loaded, i, &param); i++) {
        if (param.controller != controller) {
            continue;
        }
        if (param.n_words) {
            set(live, param.name, param.words[(size_t)value * param.n_words / 128]);
        } else {
            snprintf(text, sizeof text, "%.4f", param.low + (param.high - param.low) * value / 127);
            set(live, param.name, text);
        }
    }
}

static void take_line(cli_live *live)
{
    char *equals = strchr(live->line, '=');

    if (equals) {
        *equals = '\0';
        set(live, live->line, equals + 1);
    } else if (*live->line) {
        fprintf(stderr, "estro: a param is set by NAME=VALUE; not '%s'\n", live->line);
    }
    live->n_line = 0;
}

static void read_lines(cli_live *live)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char c;

    while (live->is_open && poll(&input, 1, 0) > 0) {
        if (read(STDIN_FILENO, &c, 1) != 1) {
            live->is_open = false;
        } else if (c == '\n' || c == '\r') {
            live->line[live->n_line] = '\0';
            take_line(live);
        } else if (live->n_line + 1 < sizeof live->line && c >= ' ') {
            live->line[live->n_line++] = c;
        }
    }
}

static void keep_good(cli_live *live)
{
    live->n_good = live->n_settings;
    memcpy(live->good, live->settings, sizeof live->good);
}

static void load(cli_live *live)
{
    const char *texts[CLI_LIVE_PARAMS];
    estro_style_options options = estro_style_options_default();
    estro_style *style = NULL;
    estro_diag diag = {0};

    for (size_t i = 0; i < live->n_settings; i++) {
        texts[i] = live->settings[i];
    }
    options.settings = texts;
    options.n_settings = live->n_settings;
    if (estro_style_load(&style, live->style, &options, &diag) != ESTRO_OK ||
        estro_composer_restyle(live->composer, style, &diag) != ESTRO_OK) {
        cli_report(&diag);
        live->n_settings = live->n_good;
        memcpy(live->settings, live->good, sizeof live->good);
    } else {
        keep_good(live);
    }
    estro_style_free(style);
}

int cli_live_open(cli_live *live, const char *device, const char *style,
                  const estro_style_options *settings, const estro_style *loaded,
                  estro_composer *composer)
{
    estro_param param;
    estro_diag diag = {0};
    bool is_moved = strcmp(device, "-") == 0;

    live->style = style;
    live->composer = composer;
    for (size_t i = 0; i < settings->n_settings && i < CLI_LIVE_PARAMS; i++) {
        snprintf(live->settings[live->n_settings++], CLI_LIVE_TEXT, "%s", settings->settings[i]);
    }
    for (size_t i = 0; estro_style_param(loaded, i, &param); i++) {
        is_moved = is_moved || param.controller >= 0;
    }
    if (!is_moved) {
        return cli_fail("style '%s' has no param with a controller (cc)", estro_style_name(loaded));
    }
    if (strcmp(device, "-") != 0 && estro_control_open(&live->control, device, &diag) != ESTRO_OK) {
        return cli_report(&diag);
    }
    live->is_open = true;
    keep_good(live);
    return CLI_GO_ON;
}

void cli_live_poll(cli_live *live, const estro_style *loaded)
{
    int controller, value;

    live->is_fresh = false;
    if (live->control) {
        while (estro_control_next(live->control, &controller, &value)) {
            move(live, loaded, controller, value);
        }
    } else if (live->is_open) {
        read_lines(live);
    }
    if (live->has_changed && !live->is_fresh) {
        live->has_changed = false;
        load(live);
    }
}

void cli_live_done(cli_live *live)
{
    estro_control_close(live->control);
    *live = (cli_live){0};
}
