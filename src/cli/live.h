/**
 * @file live.h
 * Params that are moved while a style plays: by a MIDI controller, or by lines NAME=VALUE on standard input.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "options.h"

enum { CLI_LIVE_PARAMS = 64, CLI_LIVE_TEXT = 128 };

/** Zero-initialise; cli_live_done. */
typedef struct cli_live {
    estro_control *control; /**< NULL: standard input, if `is_open`. */
    estro_composer *composer;
    const char *style; /**< Path. */
    bool is_open, has_changed, is_fresh;
    char settings[CLI_LIVE_PARAMS][CLI_LIVE_TEXT]; /**< What params are set to now, ... */
    char good[CLI_LIVE_PARAMS][CLI_LIVE_TEXT];     /**< ... and in the style that plays. */
    size_t n_settings, n_good;
    char line[CLI_LIVE_TEXT]; /**< Of standard input, not yet whole. */
    size_t n_line;
} cli_live;

/**
 * Listen.
 *
 * @param device    Name of a MIDI device, or "-" for standard input. Borrowed, as the rest.
 * @param settings  Of the command line: where it starts from.
 * @return CLI_GO_ON or an exit status.
 */
int cli_live_open(cli_live *live, const char *device, const char *style,
                  const estro_style_options *settings, const estro_style *loaded,
                  estro_composer *composer);

/** Take what has come; where something has changed and then stayed for one call, the style is loaded anew and played on in. */
void cli_live_poll(cli_live *live, const estro_style *loaded);
void cli_live_done(cli_live *live);

#endif
