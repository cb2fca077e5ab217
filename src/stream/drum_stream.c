/*
 * The stream of drums as a machine: which choice comes next, and what it does to the history. All state is in the array of
 * instants and in the few numbers of the open one, which are set when it opens; so going back is: cut the array, open
 * the instant again.
 */
#include "stream/drum_history.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/sorted.h"

#include <assert.h>
#include <string.h>

static const uint8_t look_back_bars[ES_DRUM_LOOK_BACKS] = {1, 2, 4, 8};

enum {
    WINDOW = 2048, /* Instants that are searched for a match. */
    LONGEST = 32   /* Agreement beyond this counts as this. */
};

/* ---- life ---- */

estro_status es_drum_stream_new(es_drum_stream **out, const es_drum_coding *coding,
                                estro_diag *diag)
{
    es_drum_stream *stream = es_calloc(1, sizeof *stream);

    if (!stream) {
        return es_fail_memory(diag);
    }
    stream->coding = *coding;
    const estro_status status = es_drum_stream_reserve(stream, 64, diag);
    if (status != ESTRO_OK) {
        es_drum_stream_free(stream);
        return status;
    }
    es_drum_stream_begin(stream, true, (es_meter){4, 4});
    *out = stream;
    return ESTRO_OK;
}

void es_drum_stream_free(es_drum_stream *stream)
{
    if (stream) {
        es_free(stream->instants);
        es_free(stream);
    }
}

estro_status es_drum_stream_reserve(es_drum_stream *s, size_t instants, estro_diag *diag)
{
    const uint32_t kept = ES_STREAM_REMEMBERED / 2;

    if (s->n_instants >= ES_STREAM_REMEMBERED) {
        const uint32_t gone = s->n_instants - kept;
        memmove(s->instants, s->instants + gone, (kept + 1) * sizeof *s->instants);
        s->n_instants = kept;
        s->n_forgotten += gone;
        s->joint -= s->joint >= 0 ? gone : 0;
    }
    const size_t wanted = s->n_instants + instants + 1;
    if (wanted <= s->capacity) {
        return ESTRO_OK;
    }
    const size_t capacity = wanted > s->capacity * 2 ? wanted : s->capacity * 2;
    es_drum_instant *grown = es_realloc(s->instants, capacity, sizeof *grown);
    if (!grown) {
        return es_fail_memory(diag);
    }
    s->instants = grown;
    s->capacity = capacity;
    return ESTRO_OK;
}

/* ---- what is foretold ---- */

/* Instants agree as long as their symbols are equal; the places in the bar then agree too. */
static void match(es_drum_stream *s)
{
    const int64_t n = s->n_instants;
    const int64_t first = n > WINDOW ? n - WINDOW : 0;
    const es_drum_instant *x = s->instants;

    s->joint = -1;
    s->joint_length = 0;
    for (int64_t j = n - 1; j > first; j--) {
        uint8_t length = 0;
        if (x[j].in_bar != x[n].in_bar) {
            continue;
        }
        while (length < LONGEST && j - 1 - length >= first &&
               x[j - 1 - length].symbol == x[n - 1 - length].symbol) {
            length++;
        }
        if (length > s->joint_length) {
            s->joint = j;
            s->joint_length = length;
        }
    }
}

static bool has_begun(const void *instant, int64_t step)
{
    return ((const es_drum_instant *)instant)->step <= step;
}

/* The instant so many bars before the open one, or NULL; `is_known` tells whether the piece reaches back so far. */
static const es_drum_instant *bars_ago(const es_drum_stream *s, uint32_t bars, bool *is_known)
{
    const uint32_t distance = bars * s->bar_beats * s->beat_steps;
    const uint32_t step = es_drum_open(s)->step;

    *is_known = step >= distance && s->n_instants > 0 && s->instants[0].step <= step - distance;
    if (!*is_known) {
        return NULL;
    }
    const size_t begun = es_count_before(s->instants, s->n_instants, sizeof *s->instants, has_begun,
                                         step - distance);
    const es_drum_instant *there = &s->instants[begun - 1];
    return there->step == step - distance ? there : NULL;
}

static void look_back(es_drum_stream *s, int i)
{
    es_drum_back *back = &s->back[i];
    const es_drum_instant *there;

    *back = (es_drum_back){0};
    there = bars_ago(s, look_back_bars[i], &back->is_known);
    if (there) {
        back->length = there->length;
        memcpy(back->hit, there->hit, sizeof back->hit);
    }
}

/* Index of the largest; of equals the one that was met first, which is the latest in time. */
static uint8_t commonest(const uint8_t *count, const uint8_t *met, int size)
{
    int best = 0;

    for (int i = 1; i < size; i++) {
        if (count[i] > count[best] || (count[i] == count[best] && count[i] && met[i] < met[best])) {
            best = i;
        }
    }
    return (uint8_t)best;
}

static void find_usual(es_drum_stream *s)
{
    uint8_t count[ES_KIT_LANES][ES_KIT_CANDIDATES] = {{0}}, met[ES_KIT_LANES][ES_KIT_CANDIDATES];
    uint8_t lengths[ES_DRUM_BAR_STEPS] = {0}, length_met[ES_DRUM_BAR_STEPS] = {0};
    es_drum_usual *usual = &s->usual;

    *usual = (es_drum_usual){0};
    memset(met, 0, sizeof met);
    for (uint8_t bars = 1; bars <= ES_DRUM_USUAL_BARS; bars++) {
        bool is_known;
        const es_drum_instant *there = bars_ago(s, bars, &is_known);
        if (!is_known) {
            break;
        }
        usual->n_bars++;
        for (int k = 0; there && k < ES_KIT_LANES; k++) {
            const uint8_t hit = there->hit[k];
            met[k][hit] = count[k][hit] ? met[k][hit] : bars;
            count[k][hit] = (uint8_t)(count[k][hit] + (hit > 0));
            usual->n_hit[k] = (uint8_t)(usual->n_hit[k] + (hit > 0));
        }
        if (there && there->length < ES_DRUM_BAR_STEPS) {
            length_met[there->length] = lengths[there->length] ? length_met[there->length] : bars;
            lengths[there->length]++;
            usual->soonest =
                !usual->soonest || there->length < usual->soonest ? there->length : usual->soonest;
        }
    }
    for (int k = 0; k < ES_KIT_LANES; k++) {
        usual->hit[k] = commonest(count[k], met[k], ES_KIT_CANDIDATES);
    }
    usual->length = commonest(lengths, length_met, ES_DRUM_BAR_STEPS);
    usual->n_length = lengths[usual->length];
}

/* ---- the open instant ---- */

static void set_meter(es_drum_stream *s, es_meter meter)
{
    const int beat = es_drum_coding_beat(&s->coding, meter);

    s->meter_token = (uint8_t)(beat > 0 ? es_meter_token(meter) : ES_METERS - 1);
    s->beat_steps = beat > 0 ? (uint8_t)beat : s->coding.max_step;
    s->bar_beats = (uint8_t)(beat > 0 ? es_meter_beats(meter) : 4);
}

/* What each lane last did, seen from the instant after `before`. */
static void carry_last(es_drum_instant *now, const es_drum_instant *before)
{
    for (int k = 0; k < ES_KIT_LANES; k++) {
        const bool was_hit = before->hit[k] > 0;
        now->last[k] = was_hit ? before->hit[k] : before->last[k];
        now->earlier[k] = was_hit ? before->last[k] : before->earlier[k];
        now->since[k] = (was_hit ? 0 : before->since[k]) + before->length;
        now->gap[k] = was_hit ? (uint16_t)(before->since[k] < 1000 ? before->since[k] : 1000)
                              : before->gap[k];
    }
}

/* Set up the instant after the last complete one: its time, its first stage, what is foretold. */
static void open_instant(es_drum_stream *s)
{
    es_drum_instant *now = &s->instants[s->n_instants];
    const es_drum_instant *before = es_drum_before(s);

    *now = (es_drum_instant){.kind = ES_DRUM_HIDDEN};
    s->n_decided = 0;
    s->is_over = false;
    if (before) {
        const uint32_t bar_steps = (uint32_t)s->bar_beats * s->beat_steps;
        now->step = before->step + before->length;
        now->in_bar = (uint16_t)((before->in_bar + before->length) % bar_steps);
        now->bar = before->bar + (now->in_bar == 0);
        now->place = (uint8_t)((before->place + before->length) % s->beat_steps);
        now->kind = now->in_bar ? before->kind : (uint8_t)ES_DRUM_HIDDEN;
        carry_last(now, before);
        s->stage = s->is_hidden || now->in_bar ? ES_DRUM_LANE : ES_DRUM_KIND;
    } else {
        s->family = ES_FAMILIES;
        s->stage = s->is_hidden ? ES_DRUM_LANE : ES_DRUM_FAMILY;
    }
    match(s);
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        look_back(s, i);
    }
    find_usual(s);
}

void es_drum_stream_begin(es_drum_stream *s, bool hidden_plan, es_meter meter)
{
    s->is_hidden = hidden_plan;
    s->n_instants = 0;
    s->n_forgotten = 0;
    set_meter(s, meter);
    open_instant(s);
}

bool es_drum_stream_is_over(const es_drum_stream *stream)
{
    return stream->is_over;
}

/* ---- looking ---- */

void es_drum_stream_peek_slot(const es_drum_stream *s, uint8_t *slot, uint8_t *lane)
{
    *slot = s->stage;
    *lane = s->stage == ES_DRUM_LANE ? s->n_decided : 0;
}

uint32_t es_drum_stream_step(const es_drum_stream *stream)
{
    return es_drum_open(stream)->step;
}

void es_drum_stream_peek(const es_drum_stream *s, es_choice *choice)
{
    es_features features = {.value = choice->draw.field, .term = choice->draw.term};

    es_drum_stream_peek_slot(s, &choice->slot, &choice->voice);
    choice->step = es_drum_open(s)->step;
    choice->event = s->n_forgotten + s->n_instants;
    es_drum_features_choice(&features, s);
    choice->draw.n_terms = features.n_terms;
    choice->draw.n_candidates = es_drum_features_candidates(s);
    choice->draw.target = 0;
    choice->draw.slot = (uint16_t)(choice->slot + choice->voice);
}

/* ---- choosing ---- */

static uint32_t symbol_of(const es_drum_instant *instant)
{
    uint32_t hash = 2166136261u;

    hash = (hash ^ instant->in_bar) * 16777619u;
    hash = (hash ^ instant->length) * 16777619u;
    for (int k = 0; k < ES_KIT_LANES; k++) {
        hash = (hash ^ instant->hit[k]) * 16777619u;
    }
    return hash;
}

static void push_plan(es_drum_stream *s, uint16_t candidate)
{
    if (s->stage == ES_DRUM_FAMILY) {
        s->family = (uint8_t)candidate;
        s->stage = ES_DRUM_METER;
    } else if (s->stage == ES_DRUM_METER) {
        set_meter(s, es_meter_of_token(candidate));
        s->stage = ES_DRUM_KIND;
    } else {
        s->instants[s->n_instants].kind = (uint8_t)candidate;
        s->is_over = candidate == ES_DRUM_END;
        s->stage = ES_DRUM_LANE;
    }
}

bool es_drum_stream_push(es_drum_stream *s, uint16_t candidate, es_event_fields *event)
{
    es_drum_instant *now = &s->instants[s->n_instants];

    assert(candidate < es_drum_features_candidates(s));
    if (s->stage < ES_DRUM_STEP) {
        push_plan(s, candidate);
        return false;
    }
    if (s->stage == ES_DRUM_LANE) {
        now->hit[s->n_decided++] = (uint8_t)candidate;
        s->stage = s->n_decided == ES_KIT_LANES ? ES_DRUM_STEP : ES_DRUM_LANE;
        return false;
    }
    now->length = (uint8_t)(candidate + 1);
    now->symbol = symbol_of(now);
    if (event) {
        es_features features = {.value = event->field};
        es_drum_features_event(&features, s, now, es_drum_before(s));
    }
    s->n_instants++;
    assert(s->n_instants < s->capacity);
    open_instant(s);
    return true;
}

/* ---- going back ---- */

es_stream_mark es_drum_stream_mark_of(const es_drum_stream *stream)
{
    return (es_stream_mark){.event = stream->n_forgotten + stream->n_instants};
}

void es_drum_stream_rollback(es_drum_stream *s, es_stream_mark mark)
{
    assert(mark.event >= s->n_forgotten && mark.event <= s->n_forgotten + s->n_instants);
    s->n_instants = mark.event - s->n_forgotten;
    open_instant(s);
}
