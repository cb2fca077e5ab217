/*
 * Parts of the user's. Their notes go three ways: to the planner as the tune of each phrase, so that the harmony suits them; to the composer as
 * fixed notes on the grid of their part; to the source as they stand in the file, so that they sound as they were played.
 */
#include "api/given.h"

#include "api/api.h"
#include "api/made.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "theme/theme.h"

#include <string.h>

enum { SHORT_GAP = ES_QUARTER / 4 }; /* A shorter one is how a note is played, not a rest. */

struct es_user_parts {
    const es_style *style;
    estro_made file; /* Notes and tracks alone. */
    int16_t *part;   /* [file.n_tracks]; -1 = not taken. */
    es_given given;
    es_kept kept;
    int tune_part; /* The topmost that is given. */
    es_note *tune; /* Its top notes, in order. */
    size_t n_tune;
    es_tune *tunes; /* By position in the form. */
    size_t n_tunes;
    es_key key;
    uint8_t digest[8];
    es_tick bar, end; /* The last bar line. */
};

void es_user_parts_free(es_user_parts *parts)
{
    if (!parts) {
        return;
    }
    for (size_t i = 0; i < parts->file.n_tracks; i++) {
        es_free(parts->file.tracks[i]);
    }
    es_free(parts->file.tracks);
    es_free(parts->file.notes);
    es_free(parts->part);
    es_given_done(&parts->given);
    es_kept_done(&parts->kept);
    es_free(parts->tune);
    for (size_t i = 0; i < parts->n_tunes; i++) {
        es_free((void *)(uintptr_t)parts->tunes[i].notes);
    }
    es_free(parts->tunes);
    es_free(parts);
}

/* ---- which track is which part ---- */

static int first_melody(const es_style *style)
{
    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (style->parts[p].role == ES_ROLE_MELODY) {
            return (int)p;
        }
    }
    return -1;
}

static estro_status find_parts(es_user_parts *parts, estro_diag *diag)
{
    const es_style *style = parts->style;
    int found = 0, with_notes = 0, last = 0;
    char known[160];

    parts->part = es_calloc(parts->file.n_tracks + 1, sizeof *parts->part);
    if (!parts->part) {
        return es_fail_memory(diag);
    }
    for (size_t t = 0; t < parts->file.n_tracks; t++) {
        bool has_notes = false;
        for (size_t i = 0; i < parts->file.n_notes && !has_notes; i++) {
            has_notes = parts->file.notes[i].track == t;
        }
        const char *name = has_notes ? parts->file.tracks[t] : NULL;
        parts->part[t] = (int16_t)(name ? es_part_find(style, name) : -1);
        found += parts->part[t] >= 0;
        with_notes += has_notes;
        last = has_notes ? (int)t : last;
    }
    if (found == 0 && with_notes == 1 && first_melody(style) >= 0) {
        parts->part[last] = (int16_t)first_melody(style);
        return ESTRO_OK;
    }
    es_api_part_names(known, sizeof known, style);
    return found > 0 ? ESTRO_OK
                     : es_fail(diag, ESTRO_ERR_ARGUMENT,
                               "none of its tracks is named like a part of style %s, which are%s",
                               style->name, known);
}

/* ---- notes ---- */

/* A line of a part that is silent at a tick; the last one if none is. */
static int silent_line(const es_given *given, const es_part *part, es_tick tick)
{
    for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
        const es_track *track = &given->track[l];
        if (track->count == 0 || track->notes[track->count - 1].end <= tick + SHORT_GAP / 2) {
            return l;
        }
    }
    return part->first_line + part->n_lines - 1;
}

static bool give_note(es_user_parts *parts, const es_made_note *note, int p, const es_tick *grids)
{
    const es_part *part = &parts->style->parts[p];
    const es_tick grid = grids[p];
    const es_tick start = (note->start + grid / 2) / grid * grid;
    const es_tick length =
        (note->start + note->duration - start + SHORT_GAP / 2) / SHORT_GAP * SHORT_GAP;
    const es_tick end = start + (length + grid - 1) / grid * grid;
    es_track_note placed = {
        .start = start, .end = end > start ? end : start + grid, .pitch = note->key};

    if (part->role == ES_ROLE_DRUMS) {
        return es_given_add_drum(&parts->given, &(es_note){.start = start,
                                                           .duration = placed.end - start,
                                                           .key = note->key,
                                                           .part = (uint8_t)p});
    }
    es_track *track = &parts->given.track[silent_line(&parts->given, part, start)];
    if (track->count > 0) {
        es_track_note *before = &track->notes[track->count - 1];
        if (before->start >=
            start) { /* No line is left for it: it sounds, and the others do not know it. */
            return true;
        }
        before->end = before->end > start - SHORT_GAP ? start : before->end;
    }
    return es_given_add_note(&parts->given, (int)(track - parts->given.track), &placed);
}

static bool give_notes(es_user_parts *parts, const es_tick *grids)
{
    for (size_t i = 0; i < parts->file.n_notes; i++) {
        const es_made_note *note = &parts->file.notes[i];
        const int p = parts->part[note->track];
        if (p < 0) {
            continue;
        }
        const es_played played = {.start = note->start,
                                  .duration = note->duration,
                                  .key = note->key,
                                  .velocity = note->velocity,
                                  .channel = parts->style->parts[p].channel,
                                  .part = (uint8_t)p};
        const es_tick end = note->start + note->duration;
        parts->end = end > parts->end ? end : parts->end;
        if (!give_note(parts, note, p, grids) ||
            !es_kept_add(&parts->kept, &played, (uint32_t)(note->start / parts->bar))) {
            return false;
        }
    }
    parts->end = (parts->end + parts->bar - ES_QUARTER / 8) / parts->bar * parts->bar;
    parts->given.asks_nothing = true;
    for (size_t t = 0; t < parts->file.n_tracks; t++) {
        if (parts->part[t] >= 0 &&
            !es_given_add_range(&parts->given, parts->part[t], 0, parts->end)) {
            return false;
        }
    }
    return true;
}

/* The top line of the topmost part that is no drums. */
static bool take_tune(es_user_parts *parts)
{
    parts->tune_part = -1;
    for (uint32_t p = 0; p < parts->style->n_parts && parts->tune_part < 0; p++) {
        if (parts->style->parts[p].role != ES_ROLE_DRUMS && parts->given.n_ranges[p] > 0) {
            parts->tune_part = (int)p;
        }
    }
    if (parts->tune_part < 0) {
        return true;
    }
    const es_track *track = &parts->given.track[parts->style->parts[parts->tune_part].first_line];
    parts->tune = es_calloc(track->count + 1, sizeof *parts->tune);
    for (size_t i = 0; parts->tune && i < track->count; i++) {
        const es_track_note *note = &track->notes[i];
        parts->tune[parts->n_tune++] = (es_note){.start = note->start,
                                                 .duration = note->end - note->start,
                                                 .key = (uint8_t)note->pitch,
                                                 .part = (uint8_t)parts->tune_part};
    }
    return parts->tune != NULL;
}

/* ---- the tunes of phrases ---- */

/* Room for a tune a phrase of the first form; later ones begin after the notes have ended. */
static estro_status see_form(void *self, const es_phrase_leaf *const *leaves, size_t count,
                             uint32_t first, estro_diag *diag)
{
    es_user_parts *parts = self;

    (void)leaves;
    (void)first;
    if (!parts->tunes) {
        parts->tunes = es_calloc(count + 1, sizeof *parts->tunes);
        parts->n_tunes = count;
    }
    return parts->tunes ? ESTRO_OK : es_fail_memory(diag);
}

/* The notes of the tune that begin in a phrase, from its beginning on. */
static estro_status cut_tune(es_user_parts *parts, es_tune *tune, es_tick start, es_tick end,
                             estro_diag *diag)
{
    size_t first = 0, count = 0;

    while (first < parts->n_tune && parts->tune[first].start < start) {
        first++;
    }
    while (first + count < parts->n_tune && parts->tune[first + count].start < end) {
        count++;
    }
    es_note *notes = es_calloc(count + 1, sizeof *notes);
    if (!notes) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < count; i++) {
        notes[i] = parts->tune[first + i];
        notes[i].start -= start;
    }
    *tune = (es_tune){.part = (uint8_t)parts->tune_part,
                      .end = end - start,
                      .notes = notes,
                      .n_notes = count,
                      .other_than = -1};
    return ESTRO_OK;
}

static estro_status tune_of(void *self, size_t position, const es_plan_phrase *phrase,
                            const es_tune **out, estro_diag *diag)
{
    es_user_parts *parts = self;
    const es_tick start = (es_tick)phrase->first_bar * parts->bar;
    const es_tick end = start + (es_tick)phrase->n_bars * parts->bar;

    *out = NULL;
    if (start >= parts->end || parts->tune_part < 0 || position >= parts->n_tunes) {
        return ESTRO_OK;
    }
    if (!parts->tunes[position].notes) {
        ES_TRY(cut_tune(parts, &parts->tunes[position], start, end < parts->end ? end : parts->end,
                        diag));
    }
    *out = parts->tunes[position].n_notes > 0 ? &parts->tunes[position] : NULL;
    return ESTRO_OK;
}

/* ---- reading ---- */

/* The metre that the file begins in is to be the style's. */
static estro_status check_meter(const es_user_parts *parts, const es_smf *smf, estro_diag *diag)
{
    const es_meter meter = parts->style->meter;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *event = &smf->events[i];
        if (event->status != ES_SMF_META || event->data1 != ES_SMF_METER || event->size < 2) {
            continue;
        }
        const unsigned numerator = smf->bytes[event->offset];
        const unsigned denominator = 1u << (smf->bytes[event->offset + 1] & 7);
        if (numerator != meter.numerator || denominator != meter.denominator) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "it is in %u/%u, style %s in %u/%u", numerator,
                           denominator, parts->style->name, (unsigned)meter.numerator,
                           (unsigned)meter.denominator);
        }
        return ESTRO_OK;
    }
    return ESTRO_OK;
}

static estro_status read_notes(es_user_parts *parts, const uint8_t *bytes, size_t size,
                               const char *path, estro_diag *diag)
{
    es_smf smf = {0};

    ES_TRY(es_smf_read(&smf, bytes, size, path, diag));
    estro_status status = check_meter(parts, &smf, diag);
    if (status == ESTRO_OK) {
        status = es_made_notes(&parts->file, &smf, diag);
    }
    es_smf_done(&smf);
    return status;
}

static estro_status read_parts(es_user_parts *parts, const uint8_t *bytes, size_t size,
                               const char *path, const es_tick *grids, estro_diag *diag)
{
    es_theme *theme = NULL;

    ES_TRY(read_notes(parts, bytes, size, path, diag));
    ES_TRY(find_parts(parts, diag));
    ES_TRY(es_theme_read(&theme, bytes, size, path, ES_THEME_BY_CONTENT, diag));
    parts->key = theme->key;
    memcpy(parts->digest, theme->digest, sizeof parts->digest);
    es_theme_free(theme);
    return give_notes(parts, grids) && take_tune(parts) ? ESTRO_OK : es_fail_memory(diag);
}

estro_status es_user_parts_read(es_user_parts **out, const char *path, const es_style *style,
                                const es_tick *grids, estro_diag *diag)
{
    es_user_parts *parts = es_calloc(1, sizeof *parts);
    uint8_t *bytes = NULL;
    size_t size = 0;

    es_diag_init(diag, path);
    if (!parts) {
        return es_fail_memory(diag);
    }
    parts->style = style;
    parts->bar = es_meter_bar(style->meter);
    estro_status status = es_file_read(&bytes, &size, path, diag);
    if (status == ESTRO_OK) {
        status = read_parts(parts, bytes, size, path, grids, diag);
    }
    es_free(bytes);
    if (status != ESTRO_OK) {
        es_user_parts_free(parts);
        return status;
    }
    *out = parts;
    return ESTRO_OK;
}

void es_user_parts_set(es_user_parts *parts, es_compose_options *options)
{
    es_plan_options *plan = &options->plan;

    if (!plan->has_key) {
        plan->key = parts->key;
        plan->has_key = true;
    }
    if (plan->bars == 0 && plan->seconds <= 0) {
        plan->bars = (uint32_t)(parts->end / parts->bar);
    }
    plan->tunes = (es_tunes){.self = parts, .form = see_form, .tune = tune_of};
    options->given = &parts->given;
}

const es_kept *es_user_parts_kept(const es_user_parts *parts)
{
    return &parts->kept;
}

const uint8_t *es_user_parts_digest(const es_user_parts *parts)
{
    return parts->digest;
}
