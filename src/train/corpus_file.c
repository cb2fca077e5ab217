/*
 * A file of a corpus: read, analysed, looked at, made into pieces. A section that does not fit what was chosen for the whole corpus gets
 * a reason instead.
 */
#include "train/corpus_file.h"
#include "train/profile.h"

#include "analysis/analysis.h"
#include "analysis/drums.h"
#include "analysis/frames.h"
#include "analysis/voices.h"
#include "base/diag.h"
#include "base/mem.h"
#include "smf/files.h"

#include <stdio.h>

/* A file as analysed. */
typedef struct opened {
    bool is_drums;
    es_drummer drummer;
    es_sections sections;
} opened;

static estro_status open_file(opened *out, const char *path, estro_diag *diag)
{
    es_smf smf;

    *out = (opened){0};
    estro_status status = es_smf_load(&smf, path, diag);
    if (status == ESTRO_OK) {
        out->is_drums = es_plays_drums(&smf);
        status = out->is_drums ? es_drummer_read(&out->drummer, &smf, path, diag)
                               : es_analyse_sections(&out->sections, &smf, diag);
    }
    es_smf_done(&smf);
    return status;
}

static void opened_done(opened *o)
{
    es_drummer_done(&o->drummer);
    es_sections_done(&o->sections);
}

/* ---- looking ---- */

static estro_status look_at_sections(es_corpus_file *s, const es_sections *sections)
{
    s->sections = es_calloc(sections->count, sizeof *s->sections);
    if (!s->sections) {
        return ESTRO_ERR_MEMORY;
    }
    s->n_sections = sections->count;
    for (size_t i = 0; i < sections->count; i++) {
        const es_analysis *a = &sections->list[i];
        s->sections[i] = (es_found){.voices = (uint8_t)es_count_voices(a),
                                    .parts = (uint8_t)es_count_parts(a),
                                    .grid = a->grid,
                                    .on_grid = a->on_grid};
    }
    return ESTRO_OK;
}

void es_corpus_file_look(es_corpus_file *s)
{
    estro_diag own;
    opened file;

    es_diag_init(&own, NULL);
    s->status = open_file(&file, s->path, &own);
    s->is_drums = file.is_drums;
    if (s->status == ESTRO_OK && !s->is_drums) {
        s->status = look_at_sections(s, &file.sections);
    }
    snprintf(s->why, sizeof s->why, "%.*s", ES_WHY_BYTES - 1, own.text);
    opened_done(&file);
}

/* ---- making pieces ---- */

/* Does it fit what was chosen? Else the reason. */
static bool is_fit(const es_corpus *corpus, const es_found *f, char why[ES_WHY_BYTES])
{
    if (f->voices == 0) {
        snprintf(why, ES_WHY_BYTES, "no notes but those of drums");
    } else if (f->voices < corpus->n_voices && f->parts != corpus->n_voices) {
        snprintf(why, ES_WHY_BYTES, "%d voice(s), %d are modelled", f->voices, corpus->n_voices);
    } else if (!f->on_grid) {
        snprintf(why, ES_WHY_BYTES, "played, not written: its notes lie on no grid");
    } else if (corpus->grid % f->grid != 0) {
        snprintf(why, ES_WHY_BYTES, "its grid of %d to a quarter does not fit into %d", f->grid,
                 corpus->grid);
    }
    return !why[0];
}

/* A stand-in coding that holds any pitch, to ask whether a metre fits. */
static bool meter_fits(const es_roll *roll)
{
    const es_coding any = {.grid = roll->grid, .max_step = ES_LONGEST_STEP};
    const int beat = es_coding_beat(&any, roll->meter);

    return beat > 0 && roll->n_steps % (uint32_t)beat == 0;
}

/* A piece loses at most one note of so many to too few voices; where each part is a voice, to double stops. */
enum { MOST_DROPPED = 10, MOST_DOUBLED = 3 };

static estro_status make_voices(const es_corpus *corpus, es_analysis *a, const es_found *f,
                                es_made *out, estro_diag *diag)
{
    const bool by_parts = f->parts == corpus->n_voices;
    es_roll *roll = &out->piece.roll;
    size_t dropped = 0;

    if (!by_parts) {
        es_thin_voices(a);
    }
    ES_TRY(es_analysis_roll(roll, a, corpus->n_voices, corpus->grid, &dropped, diag));
    if (roll->n_voices != corpus->n_voices) {
        snprintf(out->why, ES_WHY_BYTES, "only %d voice(s) found", roll->n_voices);
    } else if (!meter_fits(roll)) {
        snprintf(out->why, ES_WHY_BYTES, "metre %d/%d", roll->meter.numerator,
                 roll->meter.denominator);
    } else if (dropped > a->n_notes / (by_parts ? MOST_DOUBLED : MOST_DROPPED)) {
        snprintf(out->why, ES_WHY_BYTES, "%zu of %zu notes fit no voice", dropped, a->n_notes);
    }
    out->n_notes = a->n_notes - dropped;
    if (out->why[0]) {
        es_roll_done(roll);
    }
    return ESTRO_OK;
}

static estro_status make_chords(const es_corpus *corpus, const es_analysis *a, es_made *out,
                                estro_diag *diag)
{
    size_t dropped = 0;

    ES_TRY(es_analysis_frames(&out->piece.frames, a, corpus->grid, &dropped, diag));
    out->n_notes = a->n_notes - dropped;
    return ESTRO_OK;
}

static estro_status make_sections(const es_corpus *corpus, const es_corpus_file *s, opened *file,
                                  es_made_file *out)
{
    for (size_t i = 0; i < file->sections.count && i < s->n_sections; i++) {
        es_analysis *a = &file->sections.list[i];
        const es_found *f = &s->sections[i];
        es_made *m = &out->sections[out->n_sections++];
        estro_diag own;
        estro_status status = ESTRO_OK;
        es_diag_init(&own, NULL);
        if (is_fit(corpus, f, m->why)) {
            status = corpus->profile == ES_PROFILE_NOTES ? make_chords(corpus, a, m, &own)
                                                         : make_voices(corpus, a, f, m, &own);
        }
        if (status == ESTRO_ERR_MEMORY) {
            return status;
        }
        if (status != ESTRO_OK) {
            snprintf(m->why, ES_WHY_BYTES, "%.*s", ES_WHY_BYTES - 1, own.text);
        }
    }
    return ESTRO_OK;
}

/* Of a file in which only drums play. */
static void make_drums(const es_corpus *corpus, opened *file, es_made_file *out)
{
    const es_drum_coding any = {.grid = ES_DRUM_GRID, .max_step = ES_DRUM_BAR_STEPS};
    es_made *m = &out->sections[out->n_sections++];

    if (corpus->profile != ES_PROFILE_DRUMS) {
        snprintf(m->why, ES_WHY_BYTES, "no notes but those of drums");
    } else if (es_drum_coding_beat(&any, file->drummer.roll.meter) == 0) {
        snprintf(m->why, ES_WHY_BYTES, "its metre is not known here");
    } else {
        m->take = file->drummer.roll;
        m->n_notes = file->drummer.n_hits;
        file->drummer.roll = (es_drum_roll){0};
    }
}

void es_corpus_file_make(const es_corpus *corpus, const es_corpus_file *s, es_made_file *out)
{
    opened file;

    *out = (es_made_file){0};
    if (s->status != ESTRO_OK) {
        return;
    }
    out->sections = es_calloc(s->is_drums ? 1 : s->n_sections, sizeof *out->sections);
    out->status = out->sections ? open_file(&file, s->path, NULL) : ESTRO_ERR_MEMORY;
    if (!out->sections) {
        return;
    }
    if (out->status == ESTRO_OK && s->is_drums && file.is_drums) {
        make_drums(corpus, &file, out);
    } else if (out->status == ESTRO_OK && corpus->profile == ES_PROFILE_DRUMS) {
        snprintf(out->sections[out->n_sections++].why, ES_WHY_BYTES, "not only drums");
    } else if (out->status == ESTRO_OK) {
        out->status = make_sections(corpus, s, &file, out);
    }
    opened_done(&file);
}

void es_made_done(es_made_file *file)
{
    for (size_t i = 0; i < file->n_sections; i++) {
        es_corpus_piece_done(&file->sections[i].piece);
        es_drum_roll_done(&file->sections[i].take);
    }
    es_free(file->sections);
    *file = (es_made_file){0};
}
