/**
 * @file theme.h
 * The report on what was done with a theme.
 */
#ifndef CLI_THEME_H
#define CLI_THEME_H

#include "cli.h"

#include <jansson.h>
#include <stdint.h>

/** One piece: where the theme is, in ticks of the MIDI file. New reference. */
json_t *cli_theme_object(const estro_composer *composer, const char *path, uint64_t seed);

/** Write a report, as a file or to standard output ("-"). @return CLI_OK or an exit status. */
int cli_theme_write(const json_t *pieces, const char *path);

#endif
