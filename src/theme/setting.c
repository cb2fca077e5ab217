/*
 * A theme in a style. When a form is known each of its phrases is given a passage and kinds; the notes are made when the planner asks for the
 * phrase, since only then its key is known, and kept, since it asks several times.
 */
#include "theme/setting.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/rng.h"
#include "theme/meters.h"
#include "theme/passage.h"

#include <string.h>

enum {
    LEAST_STATED_BARS =
        8, /* Of a form that does not say where the theme is; then it ends with its section, ... */
    MOST_STATED_BARS = 16, /* ... or here. */
    OF_FORM = 1,           /* In addresses of chance: what a form has, ... */
    OF_KEY = 2             /* ... and the key. */
};

static const double developed = 0.75; /* Share of the labels that come later. */

/* What a place of the form has. */
typedef struct placed {
    es_passage passage;  /* Its kinds are 0 where there is none. */
    es_theme_tune *tune; /* Owned; made when asked for. */
} placed;

/* A form. */
typedef struct laid {
    placed *places; /* [count] */
    size_t count;
} laid;

struct es_setting {
    const es_theme *theme;
    const es_style *style;
    uint64_t seed;
    uint32_t first; /* Index of the first phrase of the form. */
    int part;
    es_tick grid;
    double density; /* Notes a bar that the part usually has. */
    laid now, before;
};

/* ---- the part ---- */

static int find_part(const es_style *style)
{
    static const uint8_t roles[] = {ES_ROLE_MELODY, ES_ROLE_COUNTER, ES_ROLE_HARMONY};

    if (style->theme_part) {
        return style->theme_part - 1;
    }
    for (size_t r = 0; r < sizeof roles; r++) {
        for (uint32_t p = 0; p < style->n_parts; p++) {
            if (style->parts[p].role == roles[r]) {
                return (int)p;
            }
        }
    }
    return -1;
}

/* Notes of a pattern to the bar, by the weights of its cells. */
static double pattern_density(const es_pattern *pattern)
{
    double hits = 0, weight = 0;

    for (uint32_t c = 0; c < pattern->n_cells; c++) {
        uint32_t sounding = 0;
        for (uint32_t h = 0; h < pattern->cells[c].n_hits; h++) {
            sounding += pattern->cells[c].hits[h].tone != ES_TONE_REST;
        }
        hits += pattern->cells[c].weight * sounding;
        weight += pattern->cells[c].weight;
    }
    return weight > 0 ? hits / weight / pattern->bars : 0;
}

/* How many notes a bar the part has in the style's textures; a free one about one a beat. */
static double part_density(const es_style *style, int part)
{
    const double free_density = 1.1 * es_meter_beats(style->meter);
    double sum = 0;
    uint32_t count = 0;

    for (uint32_t t = 0; t < style->n_textures; t++) {
        const es_texture_part *play = &style->textures[t].part[part];
        if (play->plays) {
            sum +=
                play->pattern < 0 ? free_density : pattern_density(&style->patterns[play->pattern]);
            count++;
        }
    }
    return count > 0 && sum > 0 ? sum / count : free_density;
}

/* ---- which phrase has what ---- */

enum { MOST_KNOWN = 26 * (ES_MOST_PRIMES + 1) * 4 };

/* The form while it is gone through. */
typedef struct walk {
    es_setting *setting;
    const es_phrase_leaf *const *leaves;
    size_t ideas
        [MOST_KNOWN]; /* Places of the form: the first of each label, number of primes, and what it says. */
    size_t n_ideas;
    uint32_t next_bar; /* Of the theme: what is to be stated next. */
    uint32_t stated;   /* Bars of the form in which it was. */
    const char *section;
    bool is_over; /* All that comes is development. */
    bool has_developed;
} walk;

static es_tick bar_of(const es_setting *setting, es_meter_map *map)
{
    es_passage_map(map, setting->theme, setting->style->meter, setting->density);
    return es_meter_map_bar(map);
}

/* Bars of the theme that so many bars of the style take. */
static uint32_t theme_bars(const es_setting *setting, uint32_t bars)
{
    es_meter_map map;
    const es_tick own = bar_of(setting, &map);
    const es_tick span = bars * es_meter_bar(setting->style->meter);
    const es_tick count = (span + own - 1) / own;

    return count > 0 ? (uint32_t)count : 1;
}

/* The place before of the same label, with the same primes or else with others; -1: none. */
static ptrdiff_t find_known(const walk *w, const es_phrase_leaf *leaf)
{
    ptrdiff_t same_label = -1;

    for (size_t i = 0; i < w->n_ideas; i++) {
        const es_phrase_leaf *other = w->leaves[w->ideas[i]];
        if (other->label == leaf->label && other->theme == leaf->theme &&
            other->bars == leaf->bars) {
            if (other->primes == leaf->primes) {
                return (ptrdiff_t)w->ideas[i];
            }
            same_label = same_label >= 0 ? same_label : (ptrdiff_t)w->ideas[i];
        }
    }
    return same_label;
}

static void remember(walk *w, size_t position)
{
    if (w->n_ideas < MOST_KNOWN) {
        w->ideas[w->n_ideas++] = position;
    }
}

/* A bar of the theme with which a phrase begins, and after which there is enough; by chance. */
static uint32_t draw_bar(const es_setting *setting, uint32_t bars, es_rng *rng)
{
    const es_theme *theme = setting->theme;
    uint32_t found = 0, count = 0;

    for (uint32_t b = 0; b < theme->n_bars; b++) {
        const bool is_there = theme->begins[b] && (b == 0 || b + bars <= theme->n_bars);
        if (is_there && es_rng_below(rng, ++count) == 0) {
            found = b;
        }
    }
    return found;
}

static uint16_t draw_kinds(const es_setting *setting, es_rng *rng)
{
    es_meter_map map;
    const es_theme *theme = setting->theme;
    const double bars = (double)bar_of(setting, &map) / (double)es_meter_bar(setting->style->meter);
    const double notes = (double)theme->n_notes / theme->n_bars / bars / setting->density;
    double weights[ES_THEME_KINDS] = {
        [ES_THEME_TRANSPOSED] = 3, [ES_THEME_INVERTED] = 2,   [ES_THEME_RETROGRADE] = 1,
        [ES_THEME_AUGMENTED] = 1,  [ES_THEME_DIMINISHED] = 1, [ES_THEME_FRAGMENT] = 2,
        [ES_THEME_SEQUENCE] = 4,   [ES_THEME_ORNAMENTED] = 3, [ES_THEME_REHARMONISED] = 2};

    if (!es_meter_map_is_even(&map)) { /* Nobody would know it again. */
        weights[ES_THEME_RETROGRADE] = weights[ES_THEME_INVERTED] = 0;
    }
    if (notes > 0.75) { /* It would run. */
        weights[ES_THEME_DIMINISHED] = 0;
    }
    if (notes < 0.5) { /* It would stand still. */
        weights[ES_THEME_AUGMENTED] = 0;
    }
    const int drawn = es_rng_choose(rng, weights, ES_THEME_KINDS);

    return (uint16_t)(1u << (drawn < 0 ? 0 : drawn));
}

static es_rng rng_of(const es_setting *setting, size_t position)
{
    return es_rng_at(setting->seed, ES_FOR_THEME, setting->first, position, OF_FORM);
}

/* The phrase says what it does. What is stated goes on where it ended before, and begins anew when it is over. */
static void place_said(walk *w, size_t position)
{
    es_setting *setting = w->setting;
    const es_phrase_leaf *leaf = w->leaves[position];
    es_passage *passage = &setting->now.places[position].passage;
    const uint16_t whole =
        1u << ES_THEME_STATED | 1u << ES_THEME_ORNAMENTED | 1u << ES_THEME_REHARMONISED;
    const uint32_t bars = theme_bars(setting, leaf->bars);
    es_rng rng = rng_of(setting, position);

    passage->kinds = leaf->theme;
    if (leaf->theme & ~whole) {
        passage->bar = w->stated > 0 ? draw_bar(setting, bars, &rng) : 0;
        return;
    }
    w->next_bar = w->next_bar < setting->theme->n_bars ? w->next_bar : 0;
    passage->bar = w->next_bar;
    w->next_bar += bars;
    w->stated += leaf->bars;
}

/* Nothing is said: the first phrases state it. */
static void place_stated(walk *w, size_t position)
{
    es_setting *setting = w->setting;
    const es_phrase_leaf *leaf = w->leaves[position];

    setting->now.places[position].passage =
        (es_passage){.kinds = 1u << ES_THEME_STATED, .bar = w->next_bar};
    w->stated += leaf->bars;
    w->next_bar += theme_bars(setting, leaf->bars);
}

static void place_developed(walk *w, size_t position)
{
    es_setting *setting = w->setting;
    es_rng rng = rng_of(setting, position);
    es_passage *passage = &setting->now.places[position].passage;

    if (w->has_developed && es_rng_unit(&rng) >= developed) {
        return;
    }
    passage->kinds = draw_kinds(setting, &rng);
    passage->bar = draw_bar(setting, theme_bars(setting, w->leaves[position]->bars), &rng);
    w->has_developed = true;
}

/* The first phrase in which the theme's bars are stated, for another harmony than that: -1 when there is none. */
static int32_t first_stated(const laid *now, size_t count, uint32_t bar)
{
    for (size_t i = 0; i < count; i++) {
        if (now->places[i].passage.kinds == 1u << ES_THEME_STATED &&
            now->places[i].passage.bar == bar) {
            return (int32_t)i;
        }
    }
    return -1;
}

static void place(walk *w, size_t position, bool is_said)
{
    es_setting *setting = w->setting;
    const es_phrase_leaf *leaf = w->leaves[position];
    es_passage *passage = &setting->now.places[position].passage;
    const bool plays = setting->style->textures[leaf->texture].part[setting->part].plays;
    const ptrdiff_t before = find_known(w, leaf);

    passage->position = position;
    if (!plays || (is_said && !leaf->theme)) {
        return;
    }
    w->is_over |= w->section && leaf->section && strcmp(w->section, leaf->section) != 0 &&
                  w->stated >= LEAST_STATED_BARS;
    w->is_over |= w->next_bar >= setting->theme->n_bars || w->stated >= MOST_STATED_BARS;
    const bool is_same = before >= 0 && w->leaves[before]->primes == leaf->primes;
    if (before >= 0 && (is_same || w->is_over || is_said)) {
        const es_passage *old = &setting->now.places[before].passage;
        const size_t own = passage->position;
        *passage = *old;
        passage->position = own;
        passage->has_new_end = !is_same;
        if (!is_said &&
            !w->is_over) { /* The tune goes on all the same: what is said again here may differ there. */
            w->next_bar += theme_bars(setting, leaf->bars);
        }
        return;
    }
    remember(w, position);
    if (is_said) {
        place_said(w, position);
    } else if (!w->is_over) {
        w->section = leaf->section;
        place_stated(w, position);
    } else {
        place_developed(w, position);
    }
    passage->idea = position;
    if (passage->kinds >> ES_THEME_REHARMONISED & 1) {
        passage->other_than = first_stated(&setting->now, position, passage->bar);
    }
}

/* ---- forms ---- */

static void forget(laid *form)
{
    for (size_t i = 0; i < form->count; i++) {
        es_theme_tune_free(form->places[i].tune);
    }
    es_free(form->places);
    *form = (laid){0};
}

static estro_status hear_form(void *self, const es_phrase_leaf *const *leaves, size_t count,
                              uint32_t first, estro_diag *diag)
{
    es_setting *setting = self;
    walk *w = es_calloc(1, sizeof *w);
    bool is_said = false;

    forget(&setting->before);
    setting->before = setting->now;
    setting->now = (laid){0};
    setting->now.places = es_calloc(count, sizeof *setting->now.places);
    if (!setting->now.places || !w) {
        es_free(w);
        return es_fail_memory(diag);
    }
    setting->now.count = count;
    setting->first = first;
    w->setting = setting;
    w->leaves = leaves;
    for (size_t i = 0; i < count; i++) {
        is_said |= leaves[i]->theme != 0;
        setting->now.places[i].passage = (es_passage){.other_than = -1};
    }
    for (size_t i = 0; i < count; i++) {
        place(w, i, is_said);
    }
    es_free(w);
    return ESTRO_OK;
}

static es_theme_voice voice_in(const es_setting *setting, es_key key)
{
    const es_part *part = &setting->style->parts[setting->part];

    return (es_theme_voice){.of = setting->theme->key,
                            .in = key,
                            .low = part->low,
                            .high = part->high,
                            .home = part->home,
                            .grid = setting->grid};
}

static estro_status give_tune(void *self, size_t position, const es_plan_phrase *phrase,
                              const es_tune **out, estro_diag *diag)
{
    es_setting *setting = self;
    placed *p = position < setting->now.count ? &setting->now.places[position] : NULL;

    *out = NULL;
    if (!p || !p->passage.kinds) {
        return ESTRO_OK;
    }
    if (!p->tune) {
        const es_theme_voice voice = voice_in(setting, phrase->key);
        const es_passage_frame frame = {.theme = setting->theme,
                                        .voice = &voice,
                                        .part = (uint8_t)setting->part,
                                        .density = setting->density,
                                        .meter = phrase->bar[0].meter,
                                        .n_bars = phrase->n_bars,
                                        .has_cadence = phrase->cadence != ES_CADENCE_OPEN,
                                        .ends_piece = position + 1 == setting->now.count};
        es_rng rng = es_rng_at(setting->seed, ES_FOR_THEME, setting->first, p->passage.idea, 0);
        ES_TRY(es_passage_make(&p->tune, &p->passage, &frame, &rng, diag));
        if (p->passage.other_than >= 0) { /* Phrases are counted on from form to form. */
            p->tune->tune.other_than += (int32_t)phrase->index - (int32_t)position;
        }
    }
    *out = p->tune->tune.n_notes > 0 ? &p->tune->tune : NULL;
    return ESTRO_OK;
}

const es_theme_use *es_setting_use(const es_tune *tune)
{
    /* The tune is the first member of what it was made with. */
    return &((const es_theme_tune *)(const void *)tune)->use;
}

es_tunes es_setting_tunes(es_setting *setting)
{
    return (es_tunes){setting, hear_form, give_tune};
}

/* ---- keys ---- */

static bool is_minor(es_key key)
{
    return es_mode_is_minor(key.mode);
}

/* How well a key of the style suits the theme, apart from the style's own weight. */
static double suits(const es_setting *setting, es_key key)
{
    const es_key own = setting->theme->key;
    const es_theme_voice voice = voice_in(setting, key);
    size_t outside = 0;
    double weight = key.mode == own.mode                           ? 1e6
                    : is_minor(key) == is_minor(own)               ? 1e4
                    : key.mode == ES_MAJOR || key.mode == ES_MINOR ? 1e2
                                                                   : 1;

    es_voice_octave(&voice, setting->theme->notes, setting->theme->n_notes, &outside);
    for (size_t i = 0; i < outside && i < 16; i++) {
        weight /= 2;
    }
    return weight;
}

es_key es_setting_key(const es_setting *setting)
{
    const es_style *style = setting->style;
    es_rng rng = es_rng_at(setting->seed, ES_FOR_THEME, 0, 0, OF_KEY);
    double total = 0;
    uint32_t i = 0;

    for (uint32_t k = 0; k < style->n_keys; k++) {
        total += style->keys[k].weight * suits(setting, style->keys[k].key);
    }
    double left = es_rng_unit(&rng) * total;
    for (; i + 1 < style->n_keys; i++) {
        left -= style->keys[i].weight * suits(setting, style->keys[i].key);
        if (left < 0) {
            break;
        }
    }
    return style->keys[i].key;
}

/* ---- life ---- */

estro_status es_setting_new(es_setting **out, const es_theme *theme, const es_style *style,
                            const es_tick *grids, uint64_t seed, estro_diag *diag)
{
    const int part = find_part(style);

    if (part < 0) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "style %s has no part that could have a theme",
                       style->name);
    }
    es_setting *setting = es_calloc(1, sizeof *setting);
    if (!setting) {
        return es_fail_memory(diag);
    }
    *setting = (es_setting){.theme = theme,
                            .style = style,
                            .seed = seed,
                            .part = part,
                            .grid = grids[part],
                            .density = part_density(style, part)};
    *out = setting;
    return ESTRO_OK;
}

void es_setting_free(es_setting *setting)
{
    if (!setting) {
        return;
    }
    forget(&setting->now);
    forget(&setting->before);
    es_free(setting);
}
