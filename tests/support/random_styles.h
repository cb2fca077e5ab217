/*
 * Small styles made at random, pieces in them, and the rules tried by their words, on nothing but notes and chords.
 */
#ifndef RANDOM_STYLES_H
#define RANDOM_STYLES_H

#include "piece.h"

#include <stdarg.h>
#include <stdio.h>

enum { MOST_LINES = 8, TEXT = 8192 };

/* ---- styles at random ---- */

typedef struct text {
    char bytes[TEXT];
    size_t length;
} text;

static inline void add(text *out, const char *format, ...) ES_PRINTF(2, 3);

static inline void add(text *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    out->length +=
        (size_t)vsnprintf(out->bytes + out->length, TEXT - out->length, format, arguments);
    va_end(arguments);
    assert_true(out->length < TEXT);
}

static const char *const nevers[] = {
    "never parallel 5 8 between all",
    "never cross between all",
    "never unison between all",
    "never leap > 7 in all",
    "never interval 6 in all",
    "never repeat > 3 in all",
    "never run > 4 in all",
    "never foreign in all on beats",
    "never unresolved in all",
    "never chromatic in all",
    "never missing 3 in all on strong",
    "never clash 1 between all on beats",
    "never spacing > 19 between top low",
    "never doubled leading in all",
    "never overlap between all",
    "never unrecovered > 5 in top",
    "never seventh in all",
    "never leading in all",
};

static inline void add_parts(text *out, es_rng *rng, bool middle)
{
    static const char *const grids[] = {"4", "8", "8", "16"};
    static const char *const strong[] = {"chord 9 scale 1", "chord 9",
                                         "chord 5 scale 2 chromatic 0.2"};
    const struct {
        const char *name, *role, *range, *home;
    } parts[3] = {{"top", "melody", "C4..C6", "A4"},
                  {"mid", "counter", "G3..G5", "E4"},
                  {"low", "bass", "C2..E4", "C3"}};

    for (int p = 0; p < 3; p++) {
        if (p == 1 && !middle) {
            continue;
        }
        add(out, "part %s { role %s instrument \"Church Organ\" range %s home %s grid %s\n",
            parts[p].name, parts[p].role, parts[p].range, parts[p].home,
            grids[es_rng_below(rng, 4)]);
        add(out, "  strong %s weak chord 3 scale 3 onset 3:8 2:5 1:4 0:0.5 }\n",
            strong[es_rng_below(rng, 3)]);
    }
    add(out,
        "part chords { role harmony instrument \"Church Organ\" range G3..G5 home C4 lines 3 }\n"
        "part kit { role drums }\n");
}

/* A style of two to three voices, chords and drums; returns which constraints it has. */
static inline uint32_t make_style(text *out, uint64_t seed)
{
    static const char *const meters[] = {"4/4", "3/4", "2/4", "6/8"};
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 1, 0, 0);
    const uint32_t meter = es_rng_below(&rng, 4);
    const bool middle = es_rng_below(&rng, 2) == 1, cells = es_rng_below(&rng, 2) == 1;
    const int beats = meter == 0 ? 4 : meter == 1 ? 3 : 2;
    uint32_t chosen = 0;

    add(out, "estro 1\nstyle random \"At random\"\nmeter %s\ntempo 100\nkeys C a D\n",
        meters[meter]);
    add(out, "form { piece = <a 2 half> <b 2 authentic> <a 2 half> <b' 2 authentic> }\n");
    add(out, "harmony major {\n phrase(half) = go V\n phrase(authentic) = go V7 I:2 | go V I\n"
             " go = any | any go\n any = [3] I | ii | [2] IV | V | vi | I6 | ii65\n}\n");
    add(out, "harmony minor {\n phrase(half) = go V\n phrase(authentic) = go V7 i:2 | go V i\n"
             " go = any | any go\n any = [3] i | iio6 | [2] iv | V | VI | i6\n}\n");
    const char *beat = meter == 3 ? "4." : "4";
    add(out, "rhythm {\n cell = many*%d\n many = [3] %s | [2] 8*%d | [1] 8:c 8:s%s\n", beats, beat,
        meter == 3 ? 3 : 2, meter == 3 ? " 8:a" : "");
    add(out, " strum = hit*%d\n hit = [2] %s:v | [1] 8:r 8:v%s\n", beats, beat,
        meter == 3 ? " 8:v" : "");
    add(out, " walk = %s:1 | %s:1\n low_ = one*%d\n one = [2] %s:b | %s:5\n}\n", beat, beat, beats,
        beat, beat);
    add(out, "groove beat { kick \"x5..\" snare \"..x3\" hat \"xxx7\" }\n");
    add_parts(out, &rng, middle);
    add(out, "texture main { top %s %s low %s chords strum kit beat }\n", cells ? "cell" : "free",
        middle ? "mid free" : "", es_rng_below(&rng, 2) ? "low_" : "free");
    add(out, "never foreign in chords\nnever span > 16 in chords\nnever absent kick in kit\n");
    if (es_rng_below(&rng, 2)) {
        add(out, "group choir = top %slow by model tiny%d\n", middle ? "mid " : "", middle ? 3 : 2);
    }
    for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
        if (es_rng_below(&rng, 3) == 0) {
            chosen |= 1u << i;
            char line[80];
            snprintf(line, sizeof line, "%s", nevers[i]);
            char *all = strstr(line, " all");
            if (all && strncmp(all, " all", 4) == 0) { /* The chords have rules of their own. */
                char rest[40];
                snprintf(rest, sizeof rest, "%s", all + 4);
                snprintf(all, sizeof line - (size_t)(all - line), " top %slow%s",
                         middle ? "mid " : "", rest);
            }
            add(out, "%s\n", line);
        }
    }
    return chosen;
}

/* ---- what was composed ---- */

/* The notes of a part of one line. */
static inline size_t line_of(const piece *p, int part, const es_note **out)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        if (p->notes[i].part == part) {
            out[n++] = &p->notes[i];
        }
    }
    return n;
}

static inline const es_note *sounding(const piece *p, int part, es_tick tick)
{
    for (size_t i = 0; i < p->n; i++) {
        const es_note *note = &p->notes[i];
        if (note->part == part && note->start <= tick && note->start + note->duration > tick) {
            return note;
        }
    }
    return NULL;
}

static inline es_chord chord_at(const piece *p, es_tick tick)
{
    return p->chord[tick / p->beat];
}

static inline bool in_chord(const piece *p, es_tick tick, int key)
{
    return es_chord_set(chord_at(p, tick)) >> key % 12 & 1;
}

static inline bool foreign_somewhere(const piece *p, const es_note *note)
{
    bool foreign = !in_chord(p, note->start, note->key);

    for (es_tick t = (note->start / p->beat + 1) * p->beat; t < note->start + note->duration;
         t += p->beat) {
        foreign |= !in_chord(p, t, note->key);
    }
    return foreign;
}

/* ---- the rules by their words ---- */

static inline int breaches_in_line(const piece *p, const es_note **line, size_t n, const char *rule)
{
    int breaches = 0, same = 1, way = 0, run = 0;

    for (size_t i = 1; i < n; i++) {
        const int move = line[i]->key - line[i - 1]->key, size = abs(move);
        same = move == 0 ? same + 1 : 1;
        if (move != 0) {
            run = (move > 0) == (way > 0) && way != 0 ? run + 1 : 1;
        }
        if (strstr(rule, "leap > 7")) {
            breaches += size > 7;
        } else if (strstr(rule, "interval 6")) {
            breaches += size == 6;
        } else if (strstr(rule, "repeat > 3")) {
            breaches += same > 3;
        } else if (strstr(rule, "run > 4")) {
            breaches += move != 0 && run > 4;
        } else if (strstr(rule, "unresolved")) {
            breaches += foreign_somewhere(p, line[i - 1]) && (size == 0 || size > 2);
        } else if (strstr(rule, "unrecovered > 5") && abs(way) > 5 && move != 0) {
            breaches += (move > 0) == (way > 0) || size >= abs(way);
        }
        way = move != 0 ? move : way;
    }
    for (size_t i = 0; i < n; i++) {
        const bool on_beat = line[i]->start % p->beat == 0;
        const uint16_t scale =
            es_scale_set(p->key[line[i]->start / p->beat], chord_at(p, line[i]->start));
        if (strstr(rule, "foreign")) {
            breaches += on_beat && !in_chord(p, line[i]->start, line[i]->key);
        } else if (strstr(rule, "chromatic")) {
            breaches += !(scale >> line[i]->key % 12 & 1);
        }
    }
    return breaches;
}

static inline int breaches_of_pair(const piece *p, int upper, int lower, const char *rule)
{
    const es_note *u0 = NULL, *l0 = NULL;
    int breaches = 0;

    for (es_tick t = 0; t < p->end; t += ES_QUARTER / 8) {
        const es_note *u = sounding(p, upper, t), *l = sounding(p, lower, t);
        if (u && l) {
            const int interval = u->key - l->key;
            const bool both = u0 && l0 && u->start == t && l->start == t && u->key != u0->key &&
                              l->key != l0->key;
            if (strstr(rule, "cross")) {
                breaches += interval < 0;
            } else if (strstr(rule, "unison")) {
                breaches += interval == 0;
            } else if (strstr(rule, "spacing")) {
                breaches += abs(interval) > 19;
            } else if (strstr(rule, "clash")) {
                breaches += t % p->beat == 0 && abs(interval) == 1;
            } else if (strstr(rule, "parallel") && both) {
                const int before = (u0->key - l0->key + 120) % 12;
                breaches += before == (interval + 120) % 12 && (before == 0 || before == 7);
            } else if (strstr(rule, "overlap") && u0 && l0) {
                breaches += (u->key != u0->key && u->key < l0->key) ||
                            (l->key != l0->key && l->key > u0->key);
            }
        }
        u0 = u;
        l0 = l;
    }
    return breaches;
}

/* Rules about chords as a whole, beat by beat. */
static inline int breaches_of_chords(const piece *p, const int *parts, int n_parts,
                                     const char *rule)
{
    int breaches = 0;

    for (uint32_t b = 0; b < p->beats; b++) {
        const es_tick t = b * p->beat;
        const int in_bar = (int)b % p->per_bar;
        const bool strong = in_bar == 0 || (p->per_bar % 2 == 0 && in_bar == p->per_bar / 2);
        const es_chord chord = p->chord[b];
        int thirds = 0, leading = 0, sounds = 0;
        for (int i = 0; i < n_parts; i++) {
            const es_note *note = sounding(p, parts[i], t);
            const es_note *before = b > 0 ? sounding(p, parts[i], t - 1) : NULL;
            sounds += note != NULL;
            thirds += note && note->key % 12 == es_chord_member(chord, 1);
            leading += note && p->roman[b][0] == 'V' && p->roman[b][1] != 'I' &&
                       note->key % 12 == es_chord_member(chord, 1);
            if (!note || !before || b == 0 || es_chord_equal(chord, p->chord[b - 1])) {
                continue;
            }
            const es_chord from = p->chord[b - 1];
            const int move = note->key - before->key;
            const bool outer = i == 0 || i == n_parts - 1;
            if (strstr(rule, "seventh") && from.root != chord.root &&
                before->key % 12 == es_chord_member(from, 3)) {
                breaches += move > 0 || move < -2;
            }
            if (strstr(rule, "never leading") && p->roman[b - 1][0] == 'V' &&
                p->roman[b - 1][1] != 'I' && chord.root == (from.root + 5) % 12 &&
                before->key % 12 == es_chord_member(from, 1)) {
                breaches += move != 1 && !(!outer && move == -4);
            }
        }
        if (strstr(rule, "missing")) {
            breaches += strong && sounds > 0 && thirds == 0;
        } else if (strstr(rule, "doubled")) {
            breaches += leading > 1;
        }
    }
    return breaches;
}

static inline int count_breaches(const piece *p, const es_style *style, const char *rule)
{
    int parts[MOST_LINES], n_parts = 0, breaches = 0;
    const es_note *line[MOST_NOTES];

    for (uint32_t i = 0; i < style->n_parts; i++) {
        if (style->parts[i].n_lines == 1 && style->parts[i].role != ES_ROLE_DRUMS) {
            parts[n_parts++] = (int)i;
        }
    }
    for (int i = 0; i < n_parts; i++) {
        if (!strstr(rule, "in top") || i == 0) {
            breaches += breaches_in_line(p, line, line_of(p, parts[i], line), rule);
        }
        for (int j = i + 1; j < n_parts; j++) {
            const bool is_meant = !strstr(rule, "top low") || (i == 0 && j == n_parts - 1);
            breaches += is_meant ? breaches_of_pair(p, parts[i], parts[j], rule) : 0;
        }
    }
    return breaches + breaches_of_chords(p, parts, n_parts, rule);
}

/* Every part in its range, no notes over one another, nothing over the end of a phrase (two bars), single lines without holes. */
static inline void check_notes(const piece *p, const es_style *style)
{
    const es_note *line[MOST_NOTES];

    for (uint32_t part = 0; part < style->n_parts; part++) {
        const es_part *has = &style->parts[part];
        const size_t n = line_of(p, (int)part, line);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            const es_tick end = line[i]->start + line[i]->duration;
            assert_true(line[i]->duration > 0);
            assert_true(end <= (line[i]->start / (2 * p->bar) + 1) * 2 * p->bar);
            assert_true(line[i]->line < has->n_lines);
            if (has->role == ES_ROLE_DRUMS) {
                continue;
            }
            assert_in_range(line[i]->key, has->low, has->high);
            for (size_t j = i + 1; j < n && line[j]->start < end; j++) {
                assert_true(line[j]->line != line[i]->line && line[j]->key != line[i]->key);
            }
            if (has->n_lines == 1) {
                assert_int_equal(end, i + 1 < n ? line[i + 1]->start : p->end);
            }
        }
    }
}

static inline void check_kicks(const piece *p)
{
    for (es_tick bar = 0; bar < p->end; bar += p->bar) {
        bool kicks = false;
        for (size_t i = 0; i < p->n; i++) {
            kicks |= p->notes[i].key == 36 && p->notes[i].start >= bar &&
                     p->notes[i].start < bar + p->bar;
        }
        assert_true(kicks);
    }
}

static inline bool same_note(const es_note *x, const es_note *y)
{
    return x->start == y->start && x->duration == y->duration && x->key == y->key &&
           x->part == y->part && x->line == y->line && x->accent == y->accent;
}

static inline void check_same(const piece *a, const piece *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_true(same_note(&a->notes[i], &b->notes[i]));
    }
}

/* Two models of nets that know nothing: of two voices and of three. */
static inline void make_tiny_models(es_model models[2])
{
    for (int i = 0; i < 2; i++) {
        es_net_shape shape = {0};
        es_coding *coding = &models[i].coding;
        *coding = (es_coding){.n_voices = (uint8_t)(i + 2),
                              .grid = 4,
                              .has_onsets = (uint8_t)i,
                              .has_bars = 1,
                              .max_step = 8};
        snprintf(models[i].name, sizeof models[i].name, "tiny%d", i + 2);
        for (int v = 0; v < coding->n_voices; v++) {
            coding->low[v] = 36;
            coding->high[v] = 84;
        }
        es_coding_shape(coding, &shape);
        shape.core = ES_LSTM;
        shape.n_layers = 1;
        shape.hidden = shape.embed = shape.decoder = 6;
        assert_int_equal(es_net_init(&models[i].net, &shape, NULL), ESTRO_OK);
        es_net_randomise(&models[i].net, 5);
    }
}

#endif
