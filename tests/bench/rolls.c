#include "rolls.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static estro_status parse_frame(es_pitch_set *set, const char *line, estro_diag *diag)
{
    char *end;

    if (line[0] == '-') {
        return ESTRO_OK;
    }
    for (long pitch = strtol(line, &end, 10); end != line; pitch = strtol(line, &end, 10)) {
        if (pitch < 0 || pitch > 127) {
            return es_fail(diag, ESTRO_ERR_FORMAT, "%ld is no pitch", pitch);
        }
        es_pitch_set_add(set, (int)pitch);
        line = end;
    }
    return ESTRO_OK;
}

static estro_status parse(rolls *out, char *text, estro_diag *diag)
{
    size_t capacity = 0, t = 0;
    es_frames *piece = NULL;
    char *next;

    for (char *line = text; *line; line = next) {
        size_t count;
        next = line + strcspn(line, "\n");
        if (*next) {
            *next++ = '\0';
        }
        if (sscanf(line, "seq %*u %zu", &count) == 1) {
            if (!es_grow(&out->pieces, out->n_pieces, &capacity, sizeof *out->pieces)) {
                return es_fail_memory(diag);
            }
            piece = &out->pieces[out->n_pieces];
            ES_TRY(es_frames_init(piece, count, false, diag));
            out->n_pieces++;
            out->n_frames += count;
            t = 0;
        } else if (piece && t < piece->count) {
            ES_TRY(parse_frame(&piece->sounding[t++], line, diag));
        } else {
            return es_fail(diag, ESTRO_ERR_FORMAT, "a frame outside of a sequence");
        }
    }
    return ESTRO_OK;
}

estro_status rolls_read(rolls *out, const char *corpora, const char *set, const char *split,
                        estro_diag *diag)
{
    char path[1024];
    uint8_t *bytes = NULL;
    size_t size;

    *out = (rolls){0};
    snprintf(path, sizeof path, "%s/bl2012/%s.%s.txt", corpora, set, split);
    ES_TRY(es_file_read(&bytes, &size, path, diag));
    const estro_status status = parse(out, (char *)bytes, diag);
    es_free(bytes);
    if (status != ESTRO_OK) {
        rolls_done(out);
    }
    return status;
}

void rolls_done(rolls *r)
{
    for (size_t i = 0; i < r->n_pieces; i++) {
        es_frames_done(&r->pieces[i]);
    }
    es_free(r->pieces);
    *r = (rolls){0};
}
