/*
 * Properties of what is composed, for small styles made at random: no `never` is breached, bars are full, lines are lines, and going
 * back gives the same bytes again. The rules are tried here by their words, on nothing but notes and chords.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "gen/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_NOTES = 4096, MOST_BEATS = 512, MOST_LINES = 8, TEXT = 8192 };

/* ---- styles at random ---- */

typedef struct text {
    char bytes[TEXT];
    size_t length;
} text;

static void add(text *out, const char *format, ...) ES_PRINTF(2, 3);

static void add(text *out, const char *format, ...)
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

static void add_parts(text *out, es_rng *rng, bool middle)
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
static uint32_t make_style(text *out, uint64_t seed)
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

typedef struct piece {
    es_note notes[MOST_NOTES];
    size_t n;
    es_chord chord[MOST_BEATS]; /* A beat. */
    es_key key[MOST_BEATS];
    const char *roman[MOST_BEATS];
    uint32_t beats;
    es_tick beat, bar, end;
    int per_bar;
    uint64_t draws; /* By a model. */
} piece;

/* `models` has one of two voices and one of three, or is NULL. */
static estro_status compose_given(piece *out, const es_style *style, const es_model *models,
                                  uint64_t seed, const es_given *given, es_given *record,
                                  estro_diag *diag)
{
    es_compose_options options = es_compose_options_default();
    es_composer *composer = NULL;
    es_bar bar;

    options.plan.seed = seed;
    options.given = given;
    options.record = record;
    for (int i = 0; i < 2 && models; i++) {
        options.models[options.n_models++] = &models[i];
    }
    memset(out, 0, sizeof *out);
    estro_status status = es_composer_new(&composer, style, &options, diag);
    while (status == ESTRO_OK && (status = es_composer_next(composer, &bar, diag)) == ESTRO_OK) {
        for (size_t i = 0; i < bar.n_notes; i++) {
            assert_true(out->n < MOST_NOTES);
            assert_true(bar.notes[i].start >= bar.start &&
                        bar.notes[i].start < bar.start + bar.length);
            out->notes[out->n++] = bar.notes[i];
        }
        for (int b = 0; b < bar.n_beats; b++) {
            out->chord[out->beats] = bar.chord[b];
            out->roman[out->beats] = bar.roman[b];
            out->key[out->beats++] = bar.key;
        }
        out->bar = bar.length;
        out->per_bar = bar.n_beats;
        out->beat = bar.length / bar.n_beats;
        out->end = bar.start + bar.length;
    }
    if (composer) {
        out->draws = es_composer_stats(composer).draws;
    }
    es_composer_free(composer);
    return status == ESTRO_END ? ESTRO_OK : status;
}

static estro_status compose(piece *out, const es_style *style, const es_model *models,
                            uint64_t seed, estro_diag *diag)
{
    return compose_given(out, style, models, seed, NULL, NULL, diag);
}

/* The notes of a part of one line. */
static size_t line_of(const piece *p, int part, const es_note **out)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        if (p->notes[i].part == part) {
            out[n++] = &p->notes[i];
        }
    }
    return n;
}

static const es_note *sounding(const piece *p, int part, es_tick tick)
{
    for (size_t i = 0; i < p->n; i++) {
        const es_note *note = &p->notes[i];
        if (note->part == part && note->start <= tick && note->start + note->duration > tick) {
            return note;
        }
    }
    return NULL;
}

static es_chord chord_at(const piece *p, es_tick tick)
{
    return p->chord[tick / p->beat];
}

static bool in_chord(const piece *p, es_tick tick, int key)
{
    return es_chord_set(chord_at(p, tick)) >> key % 12 & 1;
}

static bool foreign_somewhere(const piece *p, const es_note *note)
{
    bool foreign = !in_chord(p, note->start, note->key);

    for (es_tick t = (note->start / p->beat + 1) * p->beat; t < note->start + note->duration;
         t += p->beat) {
        foreign |= !in_chord(p, t, note->key);
    }
    return foreign;
}

/* ---- the rules by their words ---- */

static int breaches_in_line(const piece *p, const es_note **line, size_t n, const char *rule)
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

static int breaches_of_pair(const piece *p, int upper, int lower, const char *rule)
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
static int breaches_of_chords(const piece *p, const int *parts, int n_parts, const char *rule)
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

static int count_breaches(const piece *p, const es_style *style, const char *rule)
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
static void check_notes(const piece *p, const es_style *style)
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

static void check_kicks(const piece *p)
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

static void check_same(const piece *a, const piece *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const es_note *x = &a->notes[i], *y = &b->notes[i];
        assert_true(x->start == y->start && x->duration == y->duration && x->key == y->key &&
                    x->part == y->part && x->line == y->line && x->accent == y->accent);
    }
}

static void try_styles(const es_model *models)
{
    static piece p, again;
    int composed = 0, conflicts = 0, written = 0, tried[sizeof nevers / sizeof *nevers] = {0};

    for (uint64_t seed = 1; seed <= 120; seed++) {
        static text style_text;
        es_style *style = NULL;
        estro_diag diag = {0};
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        if (es_style_parse(&style, style_text.bytes, style_text.length, "random", &diag)) {
            print_message("%s\n%d: %s\n", style_text.bytes, diag.line, diag.text);
            fail();
        }
        const estro_status status = compose(&p, style, models, seed, &diag);
        if (status == ESTRO_ERR_CONFLICT) {
            conflicts++;
            assert_true(strlen(diag.text) > 0);
            es_style_free(style);
            continue;
        }
        assert_int_equal(status, ESTRO_OK);
        composed++;
        written += p.draws > 0;
        check_notes(&p, style);
        check_kicks(&p);
        for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
            if (chosen >> i & 1) {
                tried[i]++;
                const int breaches = count_breaches(&p, style, nevers[i]);
                if (breaches > 0) {
                    print_message("seed %d: %d breaches of %s\n%s\n", (int)seed, breaches,
                                  nevers[i], style_text.bytes);
                }
                assert_int_equal(breaches, 0);
            }
        }
        assert_int_equal(compose(&again, style, models, seed, &diag), ESTRO_OK);
        check_same(&p, &again);
        es_style_free(style);
    }
    print_message("%d composed, %d in conflict\n", composed, conflicts);
    assert_true(composed > 90);
    assert_true(models ? written > 30 : written == 0);
    for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
        assert_true(tried[i] > 5);
    }
}

/* ---- fixed notes ---- */

/* Give all but some bars of one part, or all. */
static void give(es_given *given, const es_style *style, const piece *p, int part, es_tick from,
                 es_tick to)
{
    for (int i = 0; i < (int)style->n_parts; i++) {
        if (i != part) {
            assert_true(es_given_add_range(given, i, 0, ES_OPEN_END));
        } else {
            assert_true(from == 0 || es_given_add_range(given, i, 0, from));
            assert_true(es_given_add_range(given, i, to, ES_OPEN_END));
        }
    }
    given->is_anew = true;
    if (part >= 0) {
        assert_true(es_given_add_chance(
            given, &(es_given_chance){from, to, (uint32_t)1 << part, p->n * 7919}));
    }
}

static bool same_note(const es_note *x, const es_note *y)
{
    return x->start == y->start && x->duration == y->duration && x->key == y->key &&
           x->part == y->part && x->line == y->line && x->accent == y->accent;
}

/* Notes of `p` that begin outside of the scope are those of `other`. @return Notes in the scope that differ. */
static int check_outside(const piece *p, const piece *other, int part, es_tick from, es_tick to)
{
    int inside = 0, kept = 0;
    size_t j = 0;

    for (size_t i = 0; i < p->n; i++) {
        const es_note *note = &p->notes[i];
        if (note->part == part && note->start >= from && note->start < to) {
            bool found = false;
            for (size_t k = 0; k < other->n; k++) {
                found = found || same_note(note, &other->notes[k]);
            }
            inside++;
            kept += found;
            continue;
        }
        while (j < other->n && other->notes[j].part == part && other->notes[j].start >= from &&
               other->notes[j].start < to) {
            j++;
        }
        assert_true(j < other->n && same_note(note, &other->notes[j]));
        j++;
    }
    return inside - kept;
}

static void try_given(const es_model *models)
{
    static piece p, again;
    int tried = 0, differ = 0, stuck = 0;

    for (uint64_t seed = 1; seed <= 120; seed++) {
        static text style_text;
        es_style *style = NULL;
        es_given given = {0};
        estro_diag diag = {0};
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        assert_int_equal(
            es_style_parse(&style, style_text.bytes, style_text.length, "random", &diag), ESTRO_OK);
        if (compose_given(&p, style, models, seed, NULL, &given, &diag) != ESTRO_OK) {
            es_given_done(&given);
            es_style_free(style);
            continue;
        }
        /* All given: nothing is drawn, whatever the chance. */
        const int part = (int)(seed % style->n_parts);
        const es_tick bar = (es_tick)(seed / 5 % (uint64_t)(p.end / p.bar)) * p.bar;
        give(&given, style, &p, -1, 0, 0);
        assert_int_equal(compose_given(&again, style, models, seed, &given, NULL, &diag), ESTRO_OK);
        check_same(&p, &again);
        /* But for a bar of a part. */
        memset(given.n_ranges, 0, sizeof given.n_ranges);
        const es_given_range scope =
            es_given_inside(&given, &style->parts[part], (es_given_range){bar, bar + p.bar});
        give(&given, style, &p, part, scope.start, scope.end);
        const estro_status status = compose_given(&again, style, models, seed, &given, NULL, &diag);
        if (status == ESTRO_OK) {
            differ += check_outside(&again, &p, part, scope.start, scope.end) > 0;
            check_outside(&p, &again, part, scope.start, scope.end);
            check_notes(&again, style);
            check_kicks(&again);
            for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
                const int breaches = chosen >> i & 1 ? count_breaches(&again, style, nevers[i]) : 0;
                if (breaches > 0) {
                    print_message("seed %d, part %d, bar %d: %s\n%s", (int)seed, part,
                                  (int)(bar / p.bar), nevers[i], style_text.bytes);
                }
                assert_int_equal(breaches, 0);
            }
        } else {
            print_message("seed %d, part %d, bar %d: %s\n", (int)seed, part, (int)(bar / p.bar),
                          diag.text);
            stuck++;
        }
        tried++;
        es_given_done(&given);
        es_style_free(style);
    }
    print_message("%d tried, %d came out new, %d are stuck\n", tried, differ, stuck);
    assert_true(tried > 100 && differ > 80 && stuck < 5);
}

static void test_given(void **unused)
{
    (void)unused;
    try_given(NULL);
}

static void test_random_styles(void **unused)
{
    (void)unused;
    try_styles(NULL);
}

/* The same styles, where half of them have a group that a net writes which knows nothing. */
static void test_random_styles_by_model(void **unused)
{
    static es_model models[2];

    (void)unused;
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
    try_styles(models);
    try_given(models);
    es_net_done(&models[0].net);
    es_net_done(&models[1].net);
}

/* The checker itself: without its rule, each breach is found somewhere. */
static void test_breaches_are_found(void **unused)
{
    static piece p;
    int found[sizeof nevers / sizeof *nevers] = {0};

    (void)unused;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static text style_text;
        es_style *style = NULL;
        style_text.length = 0;
        const uint32_t chosen = make_style(&style_text, seed);
        assert_int_equal(
            es_style_parse(&style, style_text.bytes, style_text.length, "random", NULL), ESTRO_OK);
        if (compose(&p, style, NULL, seed, NULL) == ESTRO_OK) {
            for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
                found[i] += !(chosen >> i & 1) && count_breaches(&p, style, nevers[i]) > 0;
            }
        }
        es_style_free(style);
    }
    for (uint32_t i = 0; i < sizeof nevers / sizeof *nevers; i++) {
        if (!found[i]) {
            print_message("never found: %s\n", nevers[i]);
        }
        assert_true(found[i] > 0);
    }
}

/* A style of two voices by weights, small and plain. */
static es_style *plain_style(const char *more)
{
    static text out;
    estro_diag diag = {0};
    es_style *style = NULL;

    out.length = 0;
    add(&out, "estro 1\nstyle plain \"Plain\"\nmeter 4/4\ntempo 100\nkeys C\n"
              "form { piece = <a 4 authentic> <b 4 authentic> }\n"
              "harmony { phrase(authentic) = go V I | go V7 I\n go = any | any go\n"
              " any = I | IV | ii | vi }\n"
              "rhythm {\n roots = 4:1*4\n}\n"
              "part top { role melody instrument \"Flute\" range C4..C6 grid 8 }\n"
              "part low { role bass instrument \"Cello\" range C2..C4 grid 4 }\n");
    add(&out, "%s", more);
    if (es_style_parse(&style, out.bytes, out.length, "plain.style", &diag) != ESTRO_OK) {
        print_message("%d: %s\n", diag.line, diag.text);
        fail();
    }
    return style;
}

static const char free_texture[] = "group both = top low\ntexture main { top free low free }\n"
                                   "never parallel 5 8 between all\n";

/* Back to a bar line, and the same bar again from the same address: the same notes, and the same log-probability. */
static void test_rollback(void **unused)
{
    es_style *style = plain_style(free_texture);
    es_compose_options options = es_compose_options_default();
    es_planner *planner = NULL;
    es_plan_phrase *phrase = calloc(1, sizeof *phrase);
    es_engine *engine = calloc(1, sizeof *engine);
    es_note *notes[2] = {NULL, NULL};
    size_t n[2], capacity[2] = {0, 0};

    (void)unused;
    assert_int_equal(es_engine_init(engine, style, &options, NULL), ESTRO_OK);
    assert_int_equal(es_planner_new(&planner, style, &options.plan, NULL), ESTRO_OK);
    assert_int_equal(es_planner_next(planner, 0, phrase, NULL), ESTRO_OK);
    assert_int_equal(es_engine_phrase(engine, phrase, 0, NULL), ESTRO_OK);
    assert_int_equal(es_engine_notes(engine, &notes[0], &n[0], &capacity[0], NULL), ESTRO_OK);
    const double log_p = engine->state->stats.log_p_sampler;
    for (uint16_t bar = 0; bar < phrase->n_bars; bar++) {
        es_engine_rollback(engine, bar);
        assert_true(engine->state->stats.log_p_sampler > log_p);
        for (uint16_t b = bar; b < phrase->n_bars; b++) {
            assert_int_equal(es_engine_bar(engine, b, 0, NULL), ESTRO_OK);
        }
        assert_int_equal(es_engine_notes(engine, &notes[1], &n[1], &capacity[1], NULL), ESTRO_OK);
        assert_int_equal(n[0], n[1]);
        for (size_t i = 0; i < n[0]; i++) {
            assert_true(notes[0][i].start == notes[1][i].start &&
                        notes[0][i].duration == notes[1][i].duration &&
                        notes[0][i].key == notes[1][i].key);
        }
        assert_true(engine->state->stats.log_p_sampler == log_p);
    }
    free(phrase);
    es_free(notes[0]);
    es_free(notes[1]);
    es_engine_done(engine);
    free(engine);
    es_planner_free(planner);
    es_style_free(style);
}

static void test_conflict_names_its_lines(void **unused)
{
    es_style *style = plain_style("texture main { top free low roots }\n"
                                  "never parallel 5 8 between all\n"
                                  "never leap > 4 in low\n"
                                  "never chromatic in top\n");
    static piece p;
    estro_diag diag = {0};

    (void)unused;
    assert_int_equal(compose(&p, style, NULL, 3, &diag), ESTRO_ERR_CONFLICT);
    assert_non_null(strstr(diag.text, "never leap"));
    assert_null(strstr(diag.text, "chromatic"));
    assert_string_equal(diag.source, "plain.style");
    assert_int_equal(diag.line, 17);
    es_style_free(style);
}

/* Each allocation in turn fails: an error, no crash, no leak. */
static void test_no_memory(void **unused)
{
    es_style *style = plain_style(free_texture);
    static piece p;
    estro_status status = ESTRO_ERR_MEMORY;
    long n = 0;

    (void)unused;
    for (; status != ESTRO_OK; n++) {
        assert_true(n < 2000);
        es_mem_fail_after(n);
        status = compose(&p, style, NULL, 1, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY ||
                    status == ESTRO_ERR_CONFLICT);
    }
    assert_true(n > 20);
    es_composer_free(NULL);
    es_style_free(style);
}

/* Notes of a free line between the halves of beats, when their weight there is `fine`. */
static int fine_notes(const char *fine)
{
    char more[256];
    static piece p;
    int found = 0;

    snprintf(more, sizeof more,
             "part quick { role counter range C4..C5 grid 16 onset 3:1 2:1 1:1 0:1 %s }\n"
             "texture main { top free low free quick free }\n",
             fine);
    es_style *style = plain_style(more);
    assert_int_equal(compose(&p, style, NULL, 1, NULL), ESTRO_OK);
    for (size_t i = 0; i < p.n; i++) {
        found += p.notes[i].part == 2 && p.notes[i].start % (ES_QUARTER / 2) != 0;
    }
    es_style_free(style);
    return found;
}

static void test_fine_places(void **unused)
{
    (void)unused;
    assert_int_equal(fine_notes("fine 0"), 0);
    const int few = fine_notes("fine 0.1"), many = fine_notes("");
    assert_true(few > 0 && few < many);
}

/* Endless: form after form, until it is told to finish; then it ends with a cadence. */
static void test_endless(void **unused)
{
    es_style *style = plain_style(free_texture);
    es_compose_options options = es_compose_options_default();
    es_composer *composer = NULL;
    es_bar bar = {0};
    es_tick end = 0;
    int after = 0;

    (void)unused;
    options.plan.endless = true;
    assert_int_equal(es_composer_new(&composer, style, &options, NULL), ESTRO_OK);
    for (uint32_t b = 0; b < 50; b++) {
        assert_int_equal(es_composer_next(composer, &bar, NULL), ESTRO_OK);
        assert_int_equal(bar.index, b);
        assert_true(bar.start == end && bar.n_notes > 0 && !bar.is_last);
        end = bar.start + bar.length;
    }
    es_composer_finish(composer);
    while (es_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        assert_true(++after <= 8);
    }
    assert_true(bar.is_last && bar.is_cadence);
    assert_int_equal(es_composer_next(composer, &bar, NULL), ESTRO_END);
    es_composer_free(composer);
    es_style_free(style);
}

/* A run of the training material may be followed to its twelfth note, no further. */
static void test_budget(void **unused)
{
    es_model model = {.coding = {.has_onsets = 1}};
    es_copied copied = {0};
    es_run run = {0};
    uint64_t fingerprints[8];
    const int tune[24] = {60, 62, 64, 65, 64, 62, 60, 67, 65, 64, 62, 64,
                          60, 59, 60, 62, 64, 67, 65, 64, 62, 59, 60, 60};

    (void)unused;
    for (int i = 0; i < 24; i++) {
        const uint64_t fingerprint = es_run_fingerprint(&run, tune[i], i * ES_QUARTER);
        if (fingerprint && model.n_fingerprints < 8) {
            size_t at = model.n_fingerprints++;
            for (; at > 0 && fingerprints[at - 1] > fingerprint; at--) {
                fingerprints[at] = fingerprints[at - 1];
            }
            fingerprints[at] = fingerprint;
        }
        es_run_push(&run, tune[i], i * ES_QUARTER);
    }
    assert_int_equal(model.n_fingerprints, 8);
    model.fingerprints = fingerprints;
    model.fingerprint_mask = es_fingerprints_mask(fingerprints, model.n_fingerprints);
    for (uint32_t allowed = 12; allowed < 16; allowed++) {
        const es_budget budget = es_budget_of(&model, allowed, &copied);
        memset(&copied, 0, sizeof copied);
        int taken = 0;
        while (!es_budget_forbids(&budget, 0, -1, tune[taken] + 5, taken * ES_QUARTER)) {
            assert_false(es_budget_forbids(&budget, 0, -1, tune[taken] + 6, taken * ES_QUARTER));
            es_budget_struck(&model, &copied, -1, tune[taken] + 5, taken * ES_QUARTER);
            taken++;
        }
        assert_int_equal(taken, (int)allowed + 1); /* The first note has no interval before it. */
    }
    assert_null(es_budget_of(&model, 0, &copied).model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_styles), cmocka_unit_test(test_random_styles_by_model),
        cmocka_unit_test(test_given),         cmocka_unit_test(test_breaches_are_found),
        cmocka_unit_test(test_rollback),      cmocka_unit_test(test_conflict_names_its_lines),
        cmocka_unit_test(test_no_memory),     cmocka_unit_test(test_endless),
        cmocka_unit_test(test_fine_places),   cmocka_unit_test(test_budget)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
