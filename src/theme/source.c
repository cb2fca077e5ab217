/*
 * Melodies out of MIDI files and ABC. What notation leaves open (the key of a snippet) and files do not say analysis finds.
 */
#include "theme/source.h"

#include "abc/abc.h"
#include "analysis/analysis.h"
#include "base/diag.h"
#include "base/mem.h"
#include "smf/smf.h"

#include <string.h>

/* ---- MIDI ---- */

/* The part that has the melody: the one that analysis takes for it, else the one that lies highest. -1: drums alone. */
static int melody_part(const es_analysis *found)
{
    int64_t sum[ES_FOUND_PARTS] = {0};
    int best = -1;

    for (size_t i = 0; i < found->n_notes; i++) {
        sum[found->notes[i].part] += found->notes[i].key;
    }
    for (size_t p = 0; p < found->n_parts; p++) {
        const es_found_part *part = &found->parts[p];
        if (part->is_drums || part->n_notes == 0) {
            continue;
        }
        if (part->role == ES_ROLE_MELODY) {
            return (int)p;
        }
        if (best < 0 || sum[p] * found->parts[best].n_notes > sum[best] * part->n_notes) {
            best = (int)p;
        }
    }
    return best;
}

/* The top line of a part: of notes that begin together the highest; each ends where the next begins. */
static estro_status take_top(es_melody *out, const es_analysis *found, int part, estro_diag *diag)
{
    out->notes = es_calloc(found->n_notes, sizeof *out->notes);
    if (!out->notes) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < found->n_notes; i++) {
        const es_note *note = &found->notes[i];
        es_note *last = out->n_notes > 0 ? &out->notes[out->n_notes - 1] : NULL;
        if (note->part != part) {
            continue;
        }
        if (last && last->start == note->start) {
            *last = note->key > last->key ? *note : *last;
            continue;
        }
        if (last && last->start + last->duration > note->start) {
            last->duration = note->start - last->start;
        }
        out->notes[out->n_notes++] = *note;
    }
    return ESTRO_OK;
}

static estro_status from_analysis(es_melody *out, const es_analysis *found, const char *source,
                                  estro_diag *diag)
{
    const int part = melody_part(found);

    if (part < 0) {
        es_diag_init(diag, source);
        return es_fail(diag, ESTRO_ERR_FORMAT, "only drums play: there is no melody to take");
    }
    out->meter = found->meter;
    out->key = found->key;
    out->tempo = found->tempo;
    out->pickup = found->pickup;
    return take_top(out, found, part, diag);
}

static estro_status read_midi(es_melody *out, const uint8_t *bytes, size_t size, const char *source,
                              estro_diag *diag)
{
    es_smf smf;
    es_analysis found;

    ES_TRY(es_smf_read(&smf, bytes, size, source, diag));
    es_diag_init(diag, source);
    estro_status status = es_analyse(&found, &smf, diag);
    if (status == ESTRO_OK) {
        status = from_analysis(out, &found, source, diag);
        es_analysis_done(&found);
    }
    es_smf_done(&smf);
    return status;
}

/* ---- ABC ---- */

static estro_status read_abc(es_melody *out, const uint8_t *bytes, size_t size, const char *source,
                             es_theme_form form, estro_diag *diag)
{
    es_abc abc;

    ES_TRY(es_abc_read(&abc, (const char *)bytes, size, source, form == ES_THEME_SNIPPET, diag));
    out->meter = abc.meter;
    out->key = abc.has_key ? abc.key : es_analyse_key(abc.notes, abc.n_notes, NULL, NULL);
    out->tempo = abc.tempo;
    out->notes = abc.notes;
    out->n_notes = abc.n_notes;
    abc.notes = NULL;
    es_abc_done(&abc);
    return ESTRO_OK;
}

estro_status es_melody_read(es_melody *out, const uint8_t *bytes, size_t size, const char *source,
                            es_theme_form form, estro_diag *diag)
{
    const bool is_midi = form == ES_THEME_BY_CONTENT && size >= 4 &&
                         (memcmp(bytes, "MThd", 4) == 0 || memcmp(bytes, "RIFF", 4) == 0);

    return is_midi ? read_midi(out, bytes, size, source, diag)
                   : read_abc(out, bytes, size, source, form, diag);
}
