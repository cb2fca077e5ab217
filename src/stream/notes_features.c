/*
 * Features of profile `notes`. Notes are shown as they are, and as distances from the note just drawn (or, before the first,
 * from the last top): music can be transposed, so distances carry most of what is to be learned. There are no voices;
 * what stands for them: the notes of the frame before that come next below, and those of the same number from the
 * top and from the bottom.
 *
 * Order and number of fields and terms depend on the coding and the kind of choice alone, never on the state.
 */
#include "stream/notes_features.h"
#include "stream/tonality.h"
#include "stream/values.h"

#include <assert.h>

enum {
    SPAN = 24, /* Of a distance; then: no note, nothing to look at. */
    NO_DISTANCE = 2 * SPAN + 1,
    NO_PLACE,
    N_DISTANCES,
    ENDS = 6,    /* Notes that are shown from the top, */
    BOTTOMS = 2, /* and from the bottom. */
    N_TRUSTS = 2 * ES_N_TRUST,
    N_AGES = 12,
    N_MOST = 9, /* Counts from here on are alike. */
    N_FRAMES_BACK = 6,
    N_RECENT = 32, /* Frames. */
    N_RECENCY = 6
};

static const uint8_t frames_back[N_FRAMES_BACK] = {4, 6, 8, 12, 16, 32};

/* ---- values ---- */

static int distance(int note, int from)
{
    return note < 0 || from < 0 ? (int)NO_DISTANCE : SPAN + es_clamp(note - from, -SPAN, SPAN);
}

static void add_distance(es_features *out, int note, int from)
{
    es_add_field(out, distance(note, from), N_DISTANCES);
}

static void add_note(es_features *out, const es_notes *s, int note)
{
    const int range = es_notes_range(&s->coding);

    es_add_field(out, note < 0 ? range : note, range + 1);
}

/* Frames, coarser as they grow: below N_AGES. */
static int age_of(uint32_t frames)
{
    static const uint8_t from[N_AGES - 1] = {1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32};
    int age = 0;

    for (int i = 0; i < N_AGES - 1 && frames >= from[i]; i++) {
        age++;
    }
    return age;
}

static void add_span(es_features *out, bool applies, int span, int shift)
{
    if (applies && out->term) {
        assert(out->n_terms < ES_MAX_TERMS);
        out->term[out->n_terms++] = (es_term){.kind = ES_TERM_CLAMP,
                                              .span = (uint8_t)span,
                                              .base = out->n_raw,
                                              .shift = (int16_t)shift};
    }
    out->n_raw = (uint16_t)(out->n_raw + 2 * span + 1);
}

/* ---- places in the past ---- */

/* The frame of the event so many events before the last one, or an empty one. */
static const es_frame *event_ago(const es_notes *s, uint32_t ago)
{
    static const es_frame nothing;

    return ago < s->n_events ? &s->frames[s->events[s->n_events - 1 - ago]] : &nothing;
}

/* Frames since the event so many events before the last one, or to the one after it. */
static uint32_t duration_ago(const es_notes *s, uint32_t ago)
{
    if (ago >= s->n_events) {
        return 0;
    }
    const uint32_t start = s->events[s->n_events - 1 - ago];
    return (ago ? s->events[s->n_events - ago] : s->n_frames) - start;
}

static int top_of(const es_frame *frame)
{
    return frame->n ? frame->note[0] : ES_NO_NOTE;
}

static int bottom_of(const es_frame *frame)
{
    return frame->n ? frame->note[frame->n - 1] : ES_NO_NOTE;
}

static int note_of(const es_frame *frame, int number)
{
    return number >= 0 && number < frame->n ? frame->note[number] : ES_NO_NOTE;
}

/* The last top that sounded; the middle of the range at first. */
static int last_top(const es_notes *s)
{
    for (uint32_t ago = 0; ago < 3; ago++) {
        if (event_ago(s, ago)->n) {
            return event_ago(s, ago)->note[0];
        }
    }
    return es_notes_range(&s->coding) / 2;
}

static int class_of(const es_notes *s, int note)
{
    return es_notes_pitch(&s->coding, note) % 12;
}

/* Candidate whose pitch class is that of a tonic, for terms modulo 12. */
static int candidate_of_class(const es_notes *s, int pitch_class)
{
    return es_notes_candidate(&s->coding, pitch_class);
}

/* Keys that the notes suggest: all of them, and the last frames. */
typedef struct keys {
    int key[2];
} keys;

static int recent_tonality(const es_notes *s)
{
    uint32_t weight[12] = {0};

    for (int i = 0; i < 12 && s->n_frames; i++) {
        weight[i] = s->frames[s->n_frames - 1].weight[i];
        if (s->n_frames > N_RECENT) {
            weight[i] -= s->frames[s->n_frames - 1 - N_RECENT].weight[i];
        }
    }
    return es_tonality(weight);
}

static keys keys_of(const es_notes *s)
{
    return (keys){{es_tonality(es_notes_before(s)->weight), recent_tonality(s)}};
}

/* ---- fields that several kinds share ---- */

static void add_time(es_features *out, uint32_t frame)
{
    es_add_field(out, (int)(frame % 16), 16);
    es_add_field(out, (int)(frame % 12), 12);
    es_add_field(out, age_of(frame), N_AGES);
}

/* They, and as seen from a note. */
static void add_keys(es_features *out, const es_notes *s, const keys *k, int from)
{
    for (int i = 0; i < 2; i++) {
        const int key = k->key[i];
        const bool none = key == ES_TONALITIES || from < 0;
        es_add_field(out, key, ES_TONALITIES + 1);
        es_add_field(out, none ? 24 : (key % 12 - class_of(s, from) + 12) % 12 + key / 12 * 12, 25);
    }
}

/* How long ago each pitch class sounded, as seen from a note. */
static void add_recency(es_features *out, const es_notes *s, int from)
{
    uint8_t recency[12] = {0};
    const uint32_t reach[N_RECENCY - 1] = {1, 2, 4, 8, 16};
    const int root = from < 0 ? 0 : class_of(s, from);
    uint32_t ago = 16;

    for (int band = N_RECENCY - 2; band >= 0; band--) {
        const uint32_t end = band ? reach[band - 1] : 0;
        for (; ago > end; ago--) {
            const es_frame *frame = event_ago(s, ago - 1);
            for (int i = 0; i < frame->n; i++) {
                recency[class_of(s, frame->note[i])] = (uint8_t)(N_RECENCY - 1 - band);
            }
        }
    }
    for (int i = 0; i < 12; i++) {
        es_add_field(out, recency[(i + root) % 12], N_RECENCY);
    }
}

/* ---- events ---- */

void es_notes_features_event(es_features *out, const es_notes *s)
{
    const es_frame *now = es_notes_open(s);
    const es_frame *before = es_notes_before(s);
    const keys suggested = keys_of(s);
    uint16_t classes = 0;
    int kept = 0;

    for (int i = 0; i < now->n; i++) {
        classes = (uint16_t)(classes | 1u << class_of(s, now->note[i]));
        kept += now->held[i] > 0;
    }
    es_add_field(out, es_clamp(now->n, 0, N_MOST), N_MOST + 1);
    es_add_field(out, es_clamp(kept, 0, N_MOST), N_MOST + 1);
    for (int i = 0; i < ENDS; i++) {
        add_note(out, s, note_of(now, i));
        add_distance(out, note_of(now, i), i ? note_of(now, i - 1) : top_of(before));
        es_add_field(out, i < now->n ? 1 + age_of(now->held[i]) : 0, N_AGES + 1);
    }
    for (int i = 0; i < BOTTOMS; i++) {
        add_note(out, s, note_of(now, now->n - 1 - i));
    }
    add_distance(out, bottom_of(now), bottom_of(before));
    add_distance(out, note_of(now, 1), note_of(before, 1));
    add_distance(out, note_of(now, 2), note_of(before, 2));
    for (int i = 0; i < 12; i++) {
        es_add_field(out, classes >> i & 1, 2);
    }
    add_keys(out, s, &suggested, top_of(now));
    add_time(out, s->n_frames);
    for (uint32_t ago = 0; ago < 2; ago++) {
        es_add_field(out, age_of(duration_ago(s, ago)), N_AGES);
    }
    for (int way = 0; way < ES_N_TOLD; way++) {
        es_add_field(out, s->told[way].trust, ES_N_TRUST);
    }
}

/* ---- does anything change, and how many notes are there? ---- */

static int told_candidate(const es_notes *s, const es_told *told)
{
    return told->is_same ? 0 : es_clamp(told->n, 0, s->coding.most) + 1;
}

static int candidate_back(const es_notes *s, uint32_t back)
{
    const es_frame *there = &s->frames[s->n_frames - back];

    return there->is_event ? es_clamp(there->n, 0, s->coding.most) + 1 : 0;
}

static void add_frame(es_features *out, const es_notes *s)
{
    const es_frame *before = es_notes_before(s);
    const keys suggested = keys_of(s);
    const int size = s->coding.most + 2;

    for (uint32_t ago = 0; ago < 4; ago++) {
        es_add_field(out, es_clamp(event_ago(s, ago)->n, 0, N_MOST), N_MOST + 1);
        es_add_field(out, age_of(duration_ago(s, ago)), N_AGES);
        add_distance(out, top_of(event_ago(s, ago)), top_of(event_ago(s, ago + 1)));
    }
    es_add_field(out, age_of(duration_ago(s, 0)) * 8 + age_of(duration_ago(s, 1)) * 8 / N_AGES,
                 N_AGES * 8);
    add_time(out, s->n_frames);
    for (int i = 0; i < ENDS; i++) {
        add_note(out, s, note_of(before, i));
        es_add_field(out, i < before->n ? 1 + age_of(before->held[i]) : 0, N_AGES + 1);
        if (i) {
            add_distance(out, note_of(before, i), note_of(before, i - 1));
        }
    }
    add_note(out, s, bottom_of(before));
    add_keys(out, s, &suggested, top_of(before));
    for (int way = 0; way < ES_N_TOLD; way++) {
        const es_told *told = &s->told[way];
        es_add_field(out, told->trust ? 1 + told_candidate(s, told) : 0, size + 1);
        es_add_field(out, told->trust, ES_N_TRUST);
        es_add_field(out,
                     told->trust ? distance(es_pitch_set_below(&told->on, 128), top_of(before))
                                 : (int)NO_PLACE,
                     N_DISTANCES);
    }
    for (int i = 0; i < N_FRAMES_BACK; i++) {
        const bool is_there = frames_back[i] <= s->n_frames;
        es_add_field(out, is_there ? 1 + candidate_back(s, frames_back[i]) : 0, size + 1);
    }
    es_add_term(out, true, ES_TERM_DIRECT, size + 1, 0, 0);
    for (int way = 0; way < ES_N_TOLD; way++) {
        const es_told *told = &s->told[way];
        es_add_term(out, told->trust > 0, ES_TERM_ONE, 2 * ES_N_TRUST,
                    told->is_same * ES_N_TRUST + told->trust, told_candidate(s, told));
    }
    for (int i = 0; i < N_FRAMES_BACK; i++) {
        const bool is_there = frames_back[i] <= s->n_frames;
        es_add_term(out, is_there, ES_TERM_ONE, 1, 0,
                    is_there ? candidate_back(s, frames_back[i]) : 0);
    }
}

/* ---- notes ---- */

/* What the choice of a note looks at. */
typedef struct view {
    const es_notes *s;
    const es_frame *now, *before;
    keys keys;
    int number;   /* Of this note, from 0. */
    int last;     /* The note just drawn, ES_NO_NOTE. */
    int limit;    /* Notes are drawn below it. */
    int from;     /* What distances are measured from. */
    int below[4]; /* The next notes of the frame before. */
} view;

static view look(const es_notes *s)
{
    view v = {.s = s, .now = es_notes_open(s), .before = es_notes_before(s), .keys = keys_of(s)};

    v.number = v.now->n;
    v.last = v.number ? v.now->note[v.number - 1] : ES_NO_NOTE;
    v.limit = v.number ? v.last : es_notes_range(&s->coding);
    v.from = v.number ? v.last : last_top(s);
    for (int i = 0, at = v.limit; i < 4; i++) {
        at = at < 0 ? ES_NO_NOTE : es_pitch_set_below(&v.before->on, at);
        v.below[i] = at;
    }
    return v;
}

/* Are all notes drawn so far those of this set? */
static bool is_right(const view *v, const es_pitch_set *set)
{
    int at = 128;

    for (int i = 0; i < v->number; i++) {
        at = es_pitch_set_below(set, at);
        if (at != v->now->note[i]) {
            return false;
        }
    }
    return true;
}

/* Drawing the notes of the frame before again would change nothing: the last one must differ. */
static bool must_differ(const view *v)
{
    return !v->s->coding.has_onsets && v->s->n_wanted == v->before->n &&
           v->number == v->before->n - 1 && is_right(v, &v->before->on);
}

/* Index in the frame before of the note that has as many notes below it as this one is to have. */
static int number_from_bottom(const view *v)
{
    return v->before->n - (v->s->n_wanted - v->number);
}

static int held_of(const view *v, int note)
{
    for (int i = 0; i < v->before->n; i++) {
        if (v->before->note[i] == note) {
            return 1 + age_of(v->before->held[i]);
        }
    }
    return 0;
}

static void add_drawn(es_features *out, const view *v)
{
    es_add_field(out, es_clamp(v->number, 0, N_MOST), N_MOST + 1);
    es_add_field(out, es_clamp(v->s->n_wanted - v->number, 0, N_MOST), N_MOST + 1);
    add_note(out, v->s, v->last);
    for (int back = 2; back <= 5; back++) {
        add_distance(out, note_of(v->now, v->number - back), v->last);
    }
    add_distance(out, top_of(v->now), v->last);
    for (int back = 1; back <= 3; back++) {
        const int i = v->number - back;
        add_distance(out, note_of(v->now, i), i < 0 ? ES_NO_NOTE : note_of(v->before, i));
    }
}

static void add_before(es_features *out, const view *v)
{
    for (int i = 0; i < 4; i++) {
        add_distance(out, v->below[i], v->from);
    }
    for (int i = 0; i < 3; i++) {
        es_add_field(out, v->below[i] < 0 ? 0 : held_of(v, v->below[i]), N_AGES + 1);
    }
    es_add_field(out, v->last < 0 ? 0 : held_of(v, v->last), N_AGES + 1);
    add_distance(out, v->last < 0 ? ES_NO_NOTE : es_pitch_set_above(&v->before->on, v->last),
                 v->from);
    add_note(out, v->s, v->below[0]);
    add_note(out, v->s, top_of(v->before));
    add_note(out, v->s, bottom_of(v->before));
    add_distance(out, note_of(v->before, v->number), v->from);
    add_distance(out, note_of(v->before, number_from_bottom(v)), v->from);
    es_add_field(out, es_clamp(v->s->n_wanted - v->before->n, -4, 4) + 4, 9);
    for (uint32_t ago = 1; ago <= 2; ago++) {
        const es_frame *past = event_ago(v->s, ago);
        const int below = es_pitch_set_below(&past->on, v->limit);
        add_distance(out, below, v->from);
        add_distance(out, below < 0 ? ES_NO_NOTE : es_pitch_set_below(&past->on, below), v->from);
        add_distance(out, note_of(past, v->number), v->from);
    }
    for (uint32_t ago = 3; ago <= 8; ago = ago == 3 ? 4 : 2 * ago) {
        add_distance(out, es_pitch_set_below(&event_ago(v->s, ago)->on, v->limit), v->from);
    }
}

static void add_lines(es_features *out, const view *v)
{
    for (uint32_t ago = 0; ago < 4; ago++) {
        add_distance(out, top_of(event_ago(v->s, ago)), top_of(event_ago(v->s, ago + 1)));
    }
    for (uint32_t ago = 0; ago < 3; ago++) {
        add_distance(out, bottom_of(event_ago(v->s, ago)), bottom_of(event_ago(v->s, ago + 1)));
        es_add_field(out, age_of(duration_ago(v->s, ago)), N_AGES);
    }
}

static void add_told(es_features *out, const view *v)
{
    for (int way = 0; way < ES_N_TOLD; way++) {
        const es_told *told = &v->s->told[way];
        const int below = es_pitch_set_below(&told->on, v->limit);
        es_add_field(out, told->trust ? distance(below, v->from) : (int)NO_PLACE, N_DISTANCES);
        es_add_field(out, is_right(v, &told->on) * ES_N_TRUST + told->trust, N_TRUSTS);
        if (way == ES_TOLD_WHOLE) {
            add_note(out, v->s, told->trust ? below : ES_NO_NOTE);
        }
    }
    for (int i = 0; i < N_FRAMES_BACK; i++) {
        const bool is_there = frames_back[i] <= v->s->n_frames;
        const es_pitch_set *on =
            is_there ? &v->s->frames[v->s->n_frames - frames_back[i]].on : NULL;
        es_add_field(out,
                     is_there ? distance(es_pitch_set_below(on, v->limit), v->from) : (int)NO_PLACE,
                     N_DISTANCES);
    }
}

static void add_note_terms(es_features *out, const view *v)
{
    const es_notes *s = v->s;
    const int again = note_of(v->before, v->number);
    const int from_bottom = note_of(v->before, number_from_bottom(v));

    es_add_term(out, true, ES_TERM_DIRECT, es_notes_range(&s->coding), 0, 0);
    add_span(out, true, SPAN, v->from);
    for (int back = 1; back <= 2; back++) {
        const int note = note_of(v->now, v->number - back);
        es_add_term(out, note >= 0, ES_TERM_MOD12, 12, 0, note);
    }
    add_span(out, v->below[0] >= 0, 9, v->below[0]);
    add_span(out, v->below[1] >= 0, 9, v->below[1]);
    add_span(out, again >= 0, 12, again);
    add_span(out, from_bottom >= 0, 12, from_bottom);
    for (int i = 0; i < 2; i++) {
        const int key = v->keys.key[i];
        const bool is_known = key < ES_TONALITIES;
        es_add_term(out, is_known, ES_TERM_MOD12, 24, is_known ? key / 12 * 12 : 0,
                    is_known ? candidate_of_class(s, key % 12) : 0);
    }
    for (int i = 0; i < 4; i++) {
        es_add_term(out, v->below[i] >= 0, ES_TERM_ONE, N_AGES + 1,
                    v->below[i] >= 0 ? held_of(v, v->below[i]) : 0, v->below[i]);
    }
    for (int way = 0; way < ES_N_TOLD; way++) {
        const es_told *told = &s->told[way];
        const int below = es_pitch_set_below(&told->on, v->limit);
        es_add_term(out, told->trust && below >= 0, ES_TERM_ONE, N_TRUSTS,
                    is_right(v, &told->on) * ES_N_TRUST + told->trust, below);
    }
    for (int i = 0; i < N_FRAMES_BACK; i++) {
        const es_pitch_set *on =
            frames_back[i] <= s->n_frames ? &s->frames[s->n_frames - frames_back[i]].on : NULL;
        const int below = on ? es_pitch_set_below(on, v->limit) : ES_NO_NOTE;
        es_add_term(out, below >= 0, ES_TERM_ONE, 2, on && is_right(v, on), below);
    }
    for (uint32_t ago = 1; ago <= 2; ago++) {
        const int below = es_pitch_set_below(&event_ago(s, ago)->on, v->limit);
        es_add_term(out, below >= 0, ES_TERM_ONE, 1, 0, below);
    }
    es_add_term(out, must_differ(v), ES_TERM_ONE, 1, 0, v->below[0]);
}

static void add_next_note(es_features *out, const es_notes *s)
{
    const view v = look(s);

    add_drawn(out, &v);
    add_before(out, &v);
    add_lines(out, &v);
    add_time(out, s->n_frames);
    add_keys(out, s, &v.keys, v.from);
    add_recency(out, s, v.from);
    add_told(out, &v);
    es_add_field(out, must_differ(&v), 2);
    add_note_terms(out, &v);
}

/* ---- struck again? ---- */

static void add_strike(es_features *out, const es_notes *s)
{
    const es_frame *now = es_notes_open(s);
    const es_frame *before = es_notes_before(s);
    const view v = {.s = s, .now = now, .before = before};
    const int note = now->n ? now->note[s->n_decided] : ES_NO_NOTE;
    int struck = 0;
    int fresh = 0;

    for (int i = 0; i < now->n; i++) {
        const bool is_fresh = !es_pitch_set_has(&before->on, now->note[i]);
        fresh += is_fresh;
        struck += i < s->n_decided && now->is_struck[i];
    }
    es_add_field(out, es_clamp(fresh, 0, N_MOST), N_MOST + 1);
    es_add_field(out, es_clamp(struck, 0, N_MOST), N_MOST + 1);
    es_add_field(out, es_clamp(s->n_decided, 0, N_MOST), N_MOST + 1);
    es_add_field(out, es_clamp(now->n - s->n_decided, 0, N_MOST), N_MOST + 1);
    es_add_field(out, s->n_decided ? 1 + now->is_struck[s->n_decided - 1] : 0, 3);
    es_add_field(out, held_of(&v, note), N_AGES + 1);
    es_add_field(out, age_of(duration_ago(s, 0)), N_AGES);
    es_add_field(out, age_of(duration_ago(s, 1)), N_AGES);
    add_time(out, s->n_frames);
    add_note(out, s, note);
    add_distance(out, note, top_of(now));
    add_distance(out, note, bottom_of(now));
    es_add_term(out, true, ES_TERM_DIRECT, 2, 0, 0);
}

void es_notes_features_choice(es_features *out, const es_notes *s)
{
    switch (s->stage) {
    case ES_NOTES_FRAME:
        add_frame(out, s);
        break;
    case ES_NOTES_STRIKE:
        add_strike(out, s);
        break;
    default:
        add_next_note(out, s);
    }
}

uint16_t es_notes_candidates(const es_notes *s)
{
    const es_frame *now = es_notes_open(s);

    switch (s->stage) {
    case ES_NOTES_FRAME:
        return (uint16_t)(s->coding.most + 2 + s->coding.has_end);
    case ES_NOTES_STRIKE:
        return 2;
    default:
        return (uint16_t)(now->n ? now->note[now->n - 1] : es_notes_range(&s->coding));
    }
}

/* ---- the shape: what an empty piece shows ---- */

void es_notes_shape(const es_notes_coding *coding, es_net_shape *shape)
{
    es_frame open = {.n = 0};
    es_notes s = {.coding = *coding, .frames = &open};
    es_features event = {.size = shape->field_size};

    es_notes_features_event(&event, &s);
    shape->n_fields = event.n_fields;
    shape->n_slots = (uint16_t)(ES_NOTES_NOTE + coding->n_slots);
    for (int i = 0; i < shape->n_slots; i++) {
        es_slot_shape *slot = &shape->slot[i];
        es_features choice = {.size = slot->field_size};
        s.stage = (uint8_t)(i < ES_NOTES_NOTE ? i : ES_NOTES_NOTE);
        es_notes_features_choice(&choice, &s);
        slot->n_fields = choice.n_fields;
        slot->n_raw = choice.n_raw;
        slot->n_candidates = (uint16_t)(i == ES_NOTES_FRAME    ? coding->most + 3
                                        : i == ES_NOTES_STRIKE ? 2
                                                               : es_notes_range(coding));
        slot->n_ordered = i >= ES_NOTES_NOTE ? slot->n_candidates : 0;
    }
}
