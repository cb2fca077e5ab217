/*
 * The report on what was done with a theme: an object a piece, a row a place. Ticks are those of MIDI files, 960 to a quarter, so that
 * a reader of both finds the notes.
 */
#include "theme.h"

#include <errno.h>
#include <string.h>

/* Of a MIDI file, 960 to a quarter. */
static json_int_t file_tick(int64_t tick)
{
    return (json_int_t)(tick * 960 / 10080);
}

json_t *cli_theme_object(const estro_composer *composer, const char *path, uint64_t seed)
{
    const estro_frame frame = estro_composer_frame(composer);
    json_t *uses = json_array();
    estro_theme_use use;

    for (size_t i = 0; estro_composer_theme(composer, i, &use); i++) {
        json_t *onsets = json_array();
        for (uint32_t n = 0; n < use.theme_notes; n++) {
            json_array_append_new(onsets, json_integer(file_tick(use.theme_onsets[n])));
        }
        json_array_append_new(
            uses, json_pack("{s:i, s:i, s:s, s:I, s:I, s:s, s:I, s:I, s:o, s:i, s:i, s:i}", "bar",
                            (int)use.first_bar + 1, "bars", (int)use.bars, "part", use.part,
                            "start", file_tick(use.start), "end", file_tick(use.end), "kinds",
                            use.kinds, "theme_start", file_tick(use.from), "theme_end",
                            file_tick(use.to), "theme_onsets", onsets, "notes", (int)use.notes,
                            "semitones", (int)use.semitones, "steps", (int)use.steps));
    }
    return json_pack("{s:s, s:I, s:s, s:s, s:o}", "file", path, "seed", (json_int_t)seed, "key",
                     frame.key, "about", estro_composer_about(composer), "uses", uses);
}

int cli_theme_write(const json_t *pieces, const char *path)
{
    if (strcmp(path, "-") == 0) {
        json_dumpf(pieces, stdout, JSON_INDENT(2));
        putchar('\n');
        return CLI_OK;
    }
    errno = 0;
    if (json_dump_file(pieces, path, JSON_INDENT(2)) != 0) {
        return cli_fail("%s: cannot be written%s%s", path, errno ? ": " : "",
                        errno ? strerror(errno) : "");
    }
    return CLI_OK;
}
