/*
 * A corpus: files are read and analysed one by one; what most of them have (voices, grid) is chosen for all; those that do
 * not fit are left out, each with its reason. Then the coding is laid around what is left.
 *
 * Nothing depends on time or on the order of a folder: the same files give the same corpus.
 */
#include "train/corpus.h"
#include "train/chords.h"
#include "smf/files.h"
#include "train/profile.h"
#include "train/split.h"
#include "train/takes.h"

#include "analysis/analysis.h"
#include "analysis/drums.h"
#include "analysis/frames.h"
#include "analysis/voices.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "smf/smf.h"

#include <stdio.h>
#include <string.h>

/* A section of a file as analysed. */
typedef struct source {
    es_analysis analysis;
    es_drummer drummer; /* Of a file in which only drums play; `analysis` is empty then. */
    const char *path;
    bool is_valid, is_drums;
    int voices;
} source;

typedef struct reader {
    const es_corpus_options *options;
    es_corpus *corpus;
    es_path_names train, valid;
    source *sources;
    size_t n_sources, source_capacity;
    uint64_t digest;
    int n_voices, grid;
} reader;

static void leave_out(reader *r, const char *path, const char *why)
{
    r->corpus->n_skipped++;
    if (r->options->skipped) {
        r->options->skipped(r->options->self, path, why);
    }
}

/* ---- reading ---- */

static void digest_bytes(reader *r, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        r->digest = (r->digest ^ bytes[i]) * 1099511628211u;
    }
}

/* Take over the sections of a file. */
static estro_status add_sources(reader *r, es_sections *sections, const char *path, bool is_valid,
                                estro_diag *diag)
{
    for (size_t i = 0; i < sections->count; i++) {
        if (!es_grow(&r->sources, r->n_sources, &r->source_capacity, sizeof *r->sources)) {
            return es_fail_memory(diag);
        }
        es_analysis *const section = &sections->list[i];
        r->sources[r->n_sources++] = (source){.analysis = *section,
                                              .path = path,
                                              .is_valid = is_valid,
                                              .voices = es_count_voices(section)};
        *section = (es_analysis){0};
    }
    return ESTRO_OK;
}

static estro_status add_sections(reader *r, const es_smf *smf, const char *path, bool is_valid,
                                 estro_diag *diag)
{
    es_sections sections = {0};
    estro_status status = es_analyse_sections(&sections, smf, diag);

    if (status == ESTRO_OK) {
        status = add_sources(r, &sections, path, is_valid, diag);
    }
    es_sections_done(&sections);
    return status;
}

static estro_status add_drummer(reader *r, const es_smf *smf, const char *path, bool is_valid,
                                estro_diag *diag)
{
    source own = {.path = path, .is_valid = is_valid, .is_drums = true};

    ES_TRY(es_drummer_read(&own.drummer, smf, path, diag));
    if (!es_grow(&r->sources, r->n_sources, &r->source_capacity, sizeof *r->sources)) {
        es_drummer_done(&own.drummer);
        return es_fail_memory(diag);
    }
    r->sources[r->n_sources++] = own;
    return ESTRO_OK;
}

/* Memory is the only failure that ends the reading; anything else leaves the file out. */
static estro_status read_source(reader *r, const char *path, bool is_valid, estro_diag *diag)
{
    estro_diag own;
    uint8_t *bytes = NULL;
    size_t size = 0;
    es_smf smf = {0};
    estro_status status;

    es_diag_init(&own, NULL);
    status = es_file_read(&bytes, &size, path, &own);
    if (status == ESTRO_OK) {
        status = es_smf_read(&smf, bytes, size, path, &own);
    }
    if (status == ESTRO_OK) {
        status = es_plays_drums(&smf) ? add_drummer(r, &smf, path, is_valid, &own)
                                      : add_sections(r, &smf, path, is_valid, &own);
    }
    if (status == ESTRO_OK) {
        digest_bytes(r, bytes, size);
    }
    es_smf_done(&smf);
    es_free(bytes);
    if (status == ESTRO_ERR_MEMORY) {
        return es_fail_memory(diag);
    }
    if (status != ESTRO_OK) {
        leave_out(r, path, own.text);
    }
    return ESTRO_OK;
}

static estro_status read_sources(reader *r, estro_diag *diag)
{
    const es_corpus_options *o = r->options;

    ES_TRY(es_midi_files(&r->train, o->paths, o->n_paths, diag));
    ES_TRY(es_midi_files(&r->valid, o->valid, o->n_valid, diag));
    r->corpus->n_files = r->train.count + r->valid.count;
    for (size_t i = 0; i < r->valid.count; i++) {
        ES_TRY(read_source(r, r->valid.names[i], true, diag));
    }
    for (size_t i = 0; i < r->train.count; i++) {
        ES_TRY(read_source(r, r->train.names[i], false, diag));
    }
    return ESTRO_OK;
}

/* ---- choosing ---- */

static int most_common_voices(const reader *r)
{
    size_t count[ES_MAX_VOICES + 1] = {0};
    int best = 1;

    for (size_t i = 0; i < r->n_sources; i++) {
        count[r->sources[i].voices]++;
    }
    for (int v = 2; v <= ES_MAX_VOICES; v++) {
        best = count[v] > count[best] ? v : best;
    }
    return best;
}

static size_t files_on_grid(const reader *r, int grid)
{
    size_t count = 0;

    for (size_t i = 0; i < r->n_sources; i++) {
        const es_analysis *a = &r->sources[i].analysis;
        count += a->on_grid && a->grid && grid % a->grid == 0;
    }
    return count;
}

/* The coarsest grid that holds nearly as many files as the finest does. */
static int common_grid(const reader *r)
{
    static const uint8_t grids[] = {1, 2, 3, 4, 6, 8, 12, 24};
    const size_t enough = files_on_grid(r, 24) - files_on_grid(r, 24) / 25;

    for (size_t i = 0; i < sizeof grids; i++) {
        if (files_on_grid(r, grids[i]) >= enough) {
            return grids[i];
        }
    }
    return 24;
}

static bool is_fit(reader *r, const source *s)
{
    char why[96] = "";

    if (s->voices == 0) {
        snprintf(why, sizeof why, "no notes but those of drums");
    } else if (s->voices < r->n_voices && es_count_parts(&s->analysis) != r->n_voices) {
        snprintf(why, sizeof why, "%d voice(s), %d are modelled", s->voices, r->n_voices);
    } else if (!s->analysis.on_grid) {
        snprintf(why, sizeof why, "played, not written: its notes lie on no grid");
    } else if (r->grid % s->analysis.grid != 0) {
        snprintf(why, sizeof why, "its grid of %d to a quarter does not fit into %d",
                 s->analysis.grid, r->grid);
    }
    if (why[0]) {
        leave_out(r, s->path, why);
    }
    return !why[0];
}

/* ---- pieces ---- */

/* A stand-in coding that holds any pitch, to ask whether a metre fits. */
static bool meter_fits(const es_roll *roll)
{
    const es_coding any = {.grid = roll->grid, .max_step = ES_LONGEST_STEP};
    const int beat = es_coding_beat(&any, roll->meter);

    return beat > 0 && roll->n_steps % (uint32_t)beat == 0;
}

/* A piece loses at most one note of so many to too few voices; where each part is a voice, to double stops. */
enum { MOST_DROPPED = 10, MOST_DOUBLED = 3 };

static estro_status add_piece(reader *r, source *s, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;
    es_piece *piece = &corpus->pieces[corpus->n_pieces];
    size_t dropped = 0;
    estro_diag own;
    estro_status status;
    char why[96];

    es_diag_init(&own, NULL);
    const bool by_parts = es_count_parts(&s->analysis) == r->n_voices;
    if (!by_parts) {
        es_thin_voices(&s->analysis);
    }
    status = es_analysis_roll(&piece->roll, &s->analysis, r->n_voices, r->grid, &dropped, &own);
    if (status == ESTRO_ERR_MEMORY) {
        return es_fail_memory(diag);
    }
    if (status != ESTRO_OK) {
        leave_out(r, s->path, own.text);
        return ESTRO_OK;
    }
    why[0] = '\0';
    if (piece->roll.n_voices != r->n_voices) {
        snprintf(why, sizeof why, "only %d voice(s) found", piece->roll.n_voices);
    } else if (!meter_fits(&piece->roll)) {
        snprintf(why, sizeof why, "metre %d/%d", piece->roll.meter.numerator,
                 piece->roll.meter.denominator);
    } else if (dropped > s->analysis.n_notes / (by_parts ? MOST_DOUBLED : MOST_DROPPED)) {
        snprintf(why, sizeof why, "%zu of %zu notes fit no voice", dropped, s->analysis.n_notes);
    }
    if (why[0]) {
        es_roll_done(&piece->roll);
        leave_out(r, s->path, why);
        return ESTRO_OK;
    }
    piece->path = es_strdup(s->path);
    piece->is_valid = s->is_valid;
    if (!piece->path) {
        es_roll_done(&piece->roll);
        return es_fail_memory(diag);
    }
    corpus->n_notes += s->analysis.n_notes - dropped;
    corpus->n_pieces++;
    return ESTRO_OK;
}

static estro_status add_pieces(reader *r, estro_diag *diag)
{
    r->corpus->pieces = es_calloc(r->n_sources, sizeof *r->corpus->pieces);
    if (!r->corpus->pieces) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < r->n_sources; i++) {
        if (is_fit(r, &r->sources[i])) {
            ES_TRY(add_piece(r, &r->sources[i], diag));
        }
        es_analysis_done(&r->sources[i].analysis);
    }
    return ESTRO_OK;
}

/* ---- chords ---- */

static estro_status add_chord_piece(reader *r, const source *s, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;
    es_piece *piece = &corpus->pieces[corpus->n_pieces];
    size_t dropped = 0;

    ES_TRY(es_analysis_frames(&piece->frames, &s->analysis, r->grid, &dropped, diag));
    piece->path = es_strdup(s->path);
    piece->is_valid = s->is_valid;
    if (!piece->path) {
        es_frames_done(&piece->frames);
        return es_fail_memory(diag);
    }
    corpus->n_notes += s->analysis.n_notes - dropped;
    corpus->n_pieces++;
    return ESTRO_OK;
}

/* All files as chords: how many voices they have does not matter. */
static estro_status add_chords(reader *r, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;

    corpus->profile = ES_PROFILE_NOTES;
    corpus->pieces = es_calloc(r->n_sources, sizeof *corpus->pieces);
    if (!corpus->pieces) {
        return es_fail_memory(diag);
    }
    r->n_voices = 1;
    r->grid = common_grid(r);
    for (size_t i = 0; i < r->n_sources; i++) {
        if (is_fit(r, &r->sources[i])) {
            ES_TRY(add_chord_piece(r, &r->sources[i], diag));
        }
        es_analysis_done(&r->sources[i].analysis);
    }
    es_chords_coding(&corpus->notes_coding, corpus, r->grid);
    return ESTRO_OK;
}

/* ---- drums ---- */

static bool is_of_drums(const reader *r)
{
    size_t count = 0;

    for (size_t i = 0; i < r->n_sources; i++) {
        count += r->sources[i].is_drums;
    }
    return count > r->n_sources / 2;
}

/* The takes of a corpus of drums, and the coding around them. */
static estro_status add_drums(reader *r, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;
    const es_drum_coding any = {.grid = ES_DRUM_GRID, .max_step = ES_DRUM_BAR_STEPS};
    es_take *takes = es_calloc(r->n_sources, sizeof *takes);
    size_t n_takes = 0;

    if (!takes) {
        return es_fail_memory(diag);
    }
    corpus->profile = ES_PROFILE_DRUMS;
    corpus->drum_coding.grid = ES_DRUM_GRID;
    for (size_t i = 0; i < r->n_sources; i++) {
        const source *s = &r->sources[i];
        const int beat = s->is_drums ? es_drum_coding_beat(&any, s->drummer.roll.meter) : 0;
        if (beat == 0) {
            leave_out(r, s->path, s->is_drums ? "its metre is not known here" : "not only drums");
            continue;
        }
        if (beat > corpus->drum_coding.max_step) {
            corpus->drum_coding.max_step = (uint8_t)beat;
        }
        corpus->n_notes += s->drummer.n_hits;
        takes[n_takes++] = (es_take){s->drummer.roll, s->path, s->is_valid};
    }
    const estro_status status = es_takes_add(corpus, takes, n_takes, diag);
    es_free(takes);
    return status;
}

/* ---- coding ---- */

enum { MARGIN = 2 }; /* Semitones beyond the range of the data that transposed copies may reach. */

/* Do notes of the voice begin again on the pitch that sounds? */
static bool has_restrikes(const es_roll *roll)
{
    const size_t n = roll->n_voices;

    for (size_t i = n; i < (size_t)roll->n_steps * n; i++) {
        if (roll->onset[i] && roll->pitch[i] >= 0 && roll->pitch[i] == roll->pitch[i - n]) {
            return true;
        }
    }
    return false;
}

/*
 * Do bar lines mean something? Where they do, notes that begin on them are longer or more frequent than on other beats. Counted: steps
 * at which the top voice changes, by beat of the bar, in metres of four beats.
 */
static double barless_share(const es_corpus *corpus)
{
    double count[4] = {0};
    double total = 0;

    for (size_t p = 0; p < corpus->n_pieces; p++) {
        const es_roll *roll = &corpus->pieces[p].roll;
        const uint32_t n = roll->n_voices;
        if (es_meter_beats(roll->meter) != 4) {
            return 0;
        }
        for (uint32_t t = roll->grid; t < roll->n_steps; t += roll->grid) {
            for (uint32_t v = 0; v < n; v++) {
                if (roll->pitch[t * n + v] != roll->pitch[(t - 1) * n + v]) {
                    count[t / roll->grid % 4]++;
                    total++;
                }
            }
        }
    }
    for (int i = 0; i < 4; i++) {
        if (count[i] < total * 0.235 || count[i] > total * 0.265) {
            return 0;
        }
    }
    return 1;
}

/* What most pieces have for a voice, if they say it. */
static uint8_t common_program(const es_corpus *corpus, int voice)
{
    size_t count[ES_PROGRAMS + 1] = {0};
    int best = 0;

    for (size_t p = 0; p < corpus->n_pieces; p++) {
        count[corpus->pieces[p].roll.program[voice]]++;
    }
    for (int i = 1; i <= ES_PROGRAMS; i++) {
        best = count[i] > count[best] ? i : best;
    }
    return (uint8_t)best;
}

static void make_coding(reader *r)
{
    es_corpus *corpus = r->corpus;
    es_coding *coding = &corpus->coding;

    *coding = (es_coding){.n_voices = (uint8_t)r->n_voices, .grid = (uint8_t)r->grid};
    memset(coding->low, 127, sizeof coding->low);
    for (size_t p = 0; p < corpus->n_pieces; p++) {
        const es_roll *roll = &corpus->pieces[p].roll;
        const es_coding any = {.grid = roll->grid, .max_step = ES_LONGEST_STEP};
        const int beat = es_coding_beat(&any, roll->meter);
        coding->max_step = beat > coding->max_step ? (uint8_t)beat : coding->max_step;
        coding->has_onsets |= has_restrikes(roll);
        for (size_t i = 0; i < (size_t)roll->n_steps * roll->n_voices; i++) {
            const size_t v = i % roll->n_voices;
            const int pitch = roll->pitch[i];
            if (pitch >= 0) {
                coding->low[v] = pitch < coding->low[v] ? (uint8_t)pitch : coding->low[v];
                coding->high[v] = pitch > coding->high[v] ? (uint8_t)pitch : coding->high[v];
            }
        }
    }
    for (int v = 0; v < ES_MAX_VOICES; v++) {
        const bool is_used = v < r->n_voices && coding->low[v] <= coding->high[v];
        coding->low[v] = is_used ? (uint8_t)(coding->low[v] > MARGIN ? coding->low[v] - MARGIN : 0)
                                 : (uint8_t)(v < r->n_voices ? 60 : 0);
        coding->high[v] =
            is_used ? (uint8_t)(coding->high[v] + MARGIN < 127 ? coding->high[v] + MARGIN : 127)
                    : coding->low[v];
        coding->program[v] = v < r->n_voices ? common_program(corpus, v) : 0;
    }
    corpus->barless = r->options->no_bars ? 1 : barless_share(corpus);
    coding->has_bars = corpus->barless < 0.5;
}

/* ---- all of it ---- */

static estro_status read_all(reader *r, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;

    ES_TRY(read_sources(r, diag));
    if (r->n_sources == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "no usable MIDI file among %zu in %s",
                       corpus->n_files, r->options->n_paths ? r->options->paths[0] : "no folder");
    }
    if (r->options->profile == ES_PROFILE_NOTES) {
        ES_TRY(add_chords(r, diag));
    } else if (is_of_drums(r)) {
        ES_TRY(add_drums(r, diag));
    } else {
        corpus->profile = ES_PROFILE_VOICES;
        r->n_voices = r->options->voices > 0 ? r->options->voices : most_common_voices(r);
        r->n_voices = r->n_voices < ES_MAX_VOICES ? r->n_voices : ES_MAX_VOICES;
        r->grid = common_grid(r);
        ES_TRY(add_pieces(r, diag));
    }
    ES_TRY(es_corpus_split(corpus, r->options, diag));
    if (corpus->n_pieces < 2) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%zu usable piece(s) among %zu files; 2 are needed",
                       corpus->n_pieces, corpus->n_files);
    }
    if (corpus->profile == ES_PROFILE_VOICES) {
        make_coding(r);
    }
    for (int i = 0; i < 8; i++) {
        corpus->digest[i] = (uint8_t)(r->digest >> 8 * i);
    }
    return ESTRO_OK;
}

estro_status es_corpus_read(es_corpus *out, const es_corpus_options *options, estro_diag *diag)
{
    reader r = {.options = options, .corpus = out, .digest = 14695981039346656037u};
    estro_status status;

    *out = (es_corpus){0};
    status = read_all(&r, diag);
    for (size_t i = 0; i < r.n_sources; i++) {
        es_analysis_done(&r.sources[i].analysis);
        es_drummer_done(&r.sources[i].drummer);
    }
    es_free(r.sources);
    es_path_names_done(&r.train);
    es_path_names_done(&r.valid);
    if (status != ESTRO_OK) {
        es_corpus_done(out);
    }
    return status;
}

void es_corpus_done(es_corpus *corpus)
{
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        es_piece_done(&corpus->pieces[i]);
    }
    es_free(corpus->pieces);
    *corpus = (es_corpus){0};
}
