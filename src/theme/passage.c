/*
 * From a passage of the theme to a tune: cut out, put into the metre, transformed, cut to the phrase, played by the part.
 *
 * What is developed leaves the last bar of a phrase of three or more with a cadence to the style, so that it ends as phrases of the style do.
 * So does the end of the piece, unless the theme itself comes to rest there.
 */
#include "theme/passage.h"

#include "base/diag.h"
#include "base/mem.h"

enum {
    LEAST_HEAD = 3, /* Notes that make a head to be developed. */
    MOST_TURNS = 4  /* Of a sequence. */
};

static bool has(const es_passage *passage, es_theme_kind kind)
{
    return passage->kinds >> kind & 1;
}

/* ---- values ---- */

static double away(double a, double b)
{
    return a > b ? a / b : b / a;
}

void es_passage_map(es_meter_map *map, const es_theme *theme, es_meter meter, double density)
{
    const double notes = (double)theme->n_notes / (theme->n_bars ? theme->n_bars : 1);
    double best = 0;

    for (int values = -2; values <= 2; values++) {
        es_meter_map found;
        if (!es_meter_map_make(&found, theme->meter, meter, values)) {
            continue;
        }
        const double bars = (double)es_meter_map_bar(&found) / (double)es_meter_bar(meter);
        /* As it is written, if that is nearly as good. */
        const double written =
            (double)es_meter_map_bar(&found) / (double)es_meter_bar(theme->meter);
        const double cost = away(notes / bars, density) * (1 + (away(written, 1) - 1) / 8);
        if (best <= 0 || cost < best) {
            best = cost;
            *map = found;
        }
    }
}

/* ---- cutting out ---- */

static estro_status cut_out(es_shape *out, const es_passage_frame *frame, const es_meter_map *map,
                            uint32_t bar, es_tick length, estro_diag *diag)
{
    const es_theme *theme = frame->theme;
    const es_tick bar_length = es_meter_bar(theme->meter);
    const es_tick origin = bar * es_meter_map_bar(map);
    const es_tick whole = theme->n_bars * es_meter_map_bar(map) - origin;

    out->length = whole < length ? whole : length;
    for (size_t i = 0; i < theme->n_notes; i++) {
        es_theme_note note = theme->notes[i];
        if (note.start < bar * bar_length) {
            continue;
        }
        const es_tick end = es_meter_map_at(map, note.start + note.duration) - origin;
        note.start = es_meter_map_at(map, note.start) - origin;
        note.duration = end - note.start;
        if (note.start >= out->length) {
            break;
        }
        if (note.duration > 0 && !es_shape_add(out, &note)) {
            return es_fail_memory(diag);
        }
    }
    es_shape_cut(out, out->length);
    return ESTRO_OK;
}

/* ---- transforming ---- */

static size_t notes_before(const es_shape *shape, es_tick time)
{
    size_t count = 0;

    while (count < shape->n_notes && shape->notes[count].start < time) {
        count++;
    }
    return count;
}

/* The beginning of a passage that is known again: a bar, or as much more or less as has some notes and leaves room. */
static es_tick head_of(const es_shape *shape, es_meter meter, es_tick limit)
{
    es_tick head = es_meter_bar(meter);

    while (head * 2 <= limit &&
           (notes_before(shape, head) < LEAST_HEAD || head * MOST_TURNS < limit)) {
        head *= 2;
    }
    const bool is_halved = es_meter_beats(meter) % 2 == 0;
    if (is_halved && head * 2 > limit && notes_before(shape, head / 2) >= LEAST_HEAD) {
        head /= 2;
    }
    return head < limit ? head : limit;
}

static int draw_steps(es_rng *rng, bool is_sequence)
{
    static const int turns[] = {1, -1, -1, 1, 2, -2};
    static const int moves[] = {2, 4, -3, 1, -1, 3};

    return is_sequence ? turns[es_rng_below(rng, 6)] : moves[es_rng_below(rng, 6)];
}

static bool develop(es_shape *shape, es_theme_use *use, const es_passage *passage,
                    const es_passage_frame *frame, es_tick limit, es_rng *rng)
{
    const es_tick beat = es_meter_beat(frame->meter);
    const int sequence_steps = draw_steps(rng, true), steps = draw_steps(rng, false);

    if (has(passage, ES_THEME_AUGMENTED)) {
        es_shape_stretch(shape, 2, 1);
    }
    if (has(passage, ES_THEME_DIMINISHED)) {
        es_shape_stretch(shape, 1, 2);
    }
    if (has(passage, ES_THEME_FRAGMENT) || has(passage, ES_THEME_SEQUENCE)) {
        es_shape_cut(shape, head_of(shape, frame->meter, limit));
    }
    if (has(passage, ES_THEME_RETROGRADE)) {
        es_shape_cut(shape, limit);
        es_shape_reverse(shape);
    }
    if (has(passage, ES_THEME_INVERTED)) {
        es_shape_invert(shape);
    }
    if (has(passage, ES_THEME_TRANSPOSED)) {
        es_shape_transpose(shape, steps);
        use->steps = steps;
    }
    if (has(passage, ES_THEME_SEQUENCE)) {
        use->steps = sequence_steps;
        if (!es_shape_sequence(shape, shape->length, sequence_steps, limit)) {
            return false;
        }
    }
    /* Nothing gets shorter than half of what the part usually plays. */
    const es_tick usual = (es_tick)((double)es_meter_bar(frame->meter) / frame->density);
    const es_tick least = frame->voice->grid > usual / 2 ? frame->voice->grid : usual / 2;
    return !has(passage, ES_THEME_ORNAMENTED) || es_shape_ornament(shape, beat, least, rng);
}

/* ---- where it ends ---- */

/* Whether the theme comes to rest on its tonic at the end of the phrase. */
static bool comes_to_rest(const es_shape *shape, es_tick length, es_meter meter)
{
    const es_tick bar = es_meter_bar(meter);

    if (shape->n_notes == 0 || shape->length < length) {
        return false;
    }
    const es_theme_note *last = &shape->notes[shape->n_notes - 1];
    return last->step % 7 == 0 && last->alter == 0 && last->start >= length - bar &&
           last->start <= length - bar + bar / 2 && last->duration >= es_meter_beat(meter);
}

/* How much of the phrase the theme may take. */
static es_tick limit_of(const es_passage *passage, const es_passage_frame *frame)
{
    const es_tick bar = es_meter_bar(frame->meter);
    const es_tick length = frame->n_bars * bar;
    const uint16_t whole =
        1u << ES_THEME_STATED | 1u << ES_THEME_ORNAMENTED | 1u << ES_THEME_REHARMONISED;
    const bool is_developed = (passage->kinds & ~whole) != 0;

    if (passage->has_new_end) {
        return length - (frame->n_bars <= 2 ? (frame->n_bars + 1) / 2 : 1) * bar;
    }
    return is_developed && frame->n_bars >= 3 && frame->has_cadence ? length - bar : length;
}

/* ---- all of it ---- */

static bool is_used(const es_shape *shape, es_tick source)
{
    for (size_t i = 0; i < shape->n_notes; i++) {
        if (shape->notes[i].source == source) {
            return true;
        }
    }
    return false;
}

/* Which notes of the theme are in what came of it. */
static estro_status describe(es_theme_tune *out, const es_passage *passage,
                             const es_passage_frame *frame, const es_shape *shape, estro_diag *diag)
{
    const es_theme *theme = frame->theme;
    es_theme_use *use = &out->use;

    out->source = es_calloc(theme->n_notes, sizeof *out->source);
    if (!out->source) {
        return es_fail_memory(diag);
    }
    use->kinds = passage->kinds;
    use->part = frame->part;
    use->source = out->source;
    for (size_t i = 0; i < theme->n_notes; i++) {
        const es_theme_note *note = &theme->notes[i];
        if (is_used(shape, note->source)) {
            use->from = use->n_source == 0 ? note->source : use->from;
            use->to = note->source + note->duration;
            out->source[use->n_source++] = note->source;
        }
    }
    return ESTRO_OK;
}

static estro_status play(es_theme_tune *out, const es_passage *passage,
                         const es_passage_frame *frame, const es_shape *shape, int first_step,
                         int first_alter, estro_diag *diag)
{
    size_t outside = 0;
    int octave =
        es_voice_octave(frame->voice, frame->theme->notes, frame->theme->n_notes, &outside);
    size_t beyond = 0;
    const int own = es_voice_octave(frame->voice, shape->notes, shape->n_notes, &beyond);

    /* The theme keeps its octave as long as it fits there. */
    for (size_t i = 0; i < shape->n_notes && octave != own; i++) {
        const int pitch =
            es_voice_pitch(frame->voice, shape->notes[i].step, shape->notes[i].alter) + 12 * octave;
        if (pitch < frame->voice->low || pitch > frame->voice->high) {
            octave = own;
        }
    }
    out->notes = es_calloc(shape->n_notes, sizeof *out->notes);
    if (!out->notes) {
        return es_fail_memory(diag);
    }
    const size_t count = es_voice_play(frame->voice, shape, octave, out->notes);
    out->tune = (es_tune){.part = frame->part,
                          .end = shape->length,
                          .notes = out->notes,
                          .n_notes = count,
                          .other_than = passage->other_than};
    out->use.end = shape->length;
    out->use.n_notes = count;
    if (count > 0) {
        out->use.semitones =
            out->notes[0].key - es_theme_pitch(frame->theme->key, first_step, first_alter);
    }
    return ESTRO_OK;
}

static estro_status make(es_theme_tune *out, es_shape *shape, const es_passage *passage,
                         const es_passage_frame *frame, es_rng *rng, estro_diag *diag)
{
    const es_tick bar = es_meter_bar(frame->meter);
    const es_tick length = frame->n_bars * bar;
    const es_tick limit = limit_of(passage, frame);
    const bool is_short = has(passage, ES_THEME_DIMINISHED);
    es_meter_map map;

    es_passage_map(&map, frame->theme, frame->meter, frame->density);
    ES_TRY(cut_out(shape, frame, &map, passage->bar, is_short ? 2 * limit : limit, diag));
    if (shape->n_notes == 0) {
        return ESTRO_OK;
    }
    const es_theme_note first = shape->notes[0];
    if (!develop(shape, &out->use, passage, frame, limit, rng)) {
        return es_fail_memory(diag);
    }
    es_shape_cut(shape, limit);
    if (frame->ends_piece && !comes_to_rest(shape, length, frame->meter)) {
        es_shape_cut(shape, length - bar);
    }
    /* To a bar line: what comes after it is the style's. */
    shape->length = (shape->length + bar - 1) / bar * bar;
    if (shape->n_notes == 0) {
        return ESTRO_OK;
    }
    ES_TRY(describe(out, passage, frame, shape, diag));
    return play(out, passage, frame, shape, first.step, first.alter, diag);
}

estro_status es_passage_make(es_theme_tune **out, const es_passage *passage,
                             const es_passage_frame *frame, es_rng *rng, estro_diag *diag)
{
    es_theme_tune *tune = es_calloc(1, sizeof *tune);
    es_shape shape = {0};

    if (!tune) {
        return es_fail_memory(diag);
    }
    const estro_status status = make(tune, &shape, passage, frame, rng, diag);
    es_shape_done(&shape);
    if (status != ESTRO_OK) {
        es_theme_tune_free(tune);
        return status;
    }
    *out = tune;
    return ESTRO_OK;
}

void es_theme_tune_free(es_theme_tune *tune)
{
    if (!tune) {
        return;
    }
    es_free(tune->notes);
    es_free(tune->source);
    es_free(tune);
}
