/*
 * Enumeration by depth first, line by line in the drawing order. Pairs are tried once, when the search is prepared, and kept as bit
 * sets: to choose an option is to intersect the sets of the lines below, and a branch ends as soon as one of them is empty.
 * A complete sonority is then tried as a whole (sets.c), and against the future (future.c).
 */
#include "gen/sonority.h"

#include "base/diag.h"
#include "gen/voicing.h"

enum {
    MOST_FOUND = 1 << 16,
    CHORD_LINES = 3, /* A part of so many lines voices chords ... */
    TENSION_WEIGHT =
        4 /* ... and takes each tension that its chord has so much more often than not. */
};

void es_search_done(es_search *search)
{
    es_free(search->found);
    search->found = NULL;
    search->capacity = 0;
}

void es_search_all(const es_search *search, es_options_left *left)
{
    for (int k = 0; k < search->n; k++) {
        left->of[k] = search->allowed[k];
    }
}

bool es_search_narrow(const es_search *search, es_options_left *left, int k, int o)
{
    left->of[k] = (uint64_t)1 << o;
    for (int j = k + 1; j < search->n; j++) {
        left->of[j] &= search->agree[k][o][j];
        if (left->of[j] == 0) {
            return false;
        }
    }
    return true;
}

/* ---- the sonority as a whole ---- */

double es_search_pair_weight(const es_search *search, const uint8_t *chosen, int k, int o)
{
    const es_rules *rules = search->rules;
    const int i = search->order[k], own = search->scene->cast->line[i];
    double weight = 1;

    for (uint32_t w = rules->first_mutual[i]; w < rules->first_wish[i + 1]; w++) {
        const es_preference *wish = &rules->preferences[rules->wishes[w]];
        const bool is_upper = wish->upper == own;
        const int j = search->rank[is_upper ? wish->lower : wish->upper];
        if (j >= k) {
            continue;
        }
        const es_sound *a = &search->sound[k][o], *b = &search->sound[j][chosen[j]];
        if (es_pair_breaks(&wish->pair, is_upper ? a : b, is_upper ? b : a)) {
            weight *= wish->factor;
        }
    }
    return weight;
}

/* Chords with tensions are voiced with them, where the lines of a part allow it. */
static double tension_weight(const es_search *search, const es_sound *sounds)
{
    const es_scene *scene = search->scene;
    const es_chord chord = search->moment.harmony->chord;
    const unsigned tensions = chord.tensions & 0xfffu;
    unsigned heard = 0;
    double weight = 1;

    if (!tensions || scene->is_modelled) {
        return 1;
    }
    for (int k = 0; k < search->n; k++) {
        const int i = search->order[k];
        if (scene->style->parts[scene->cast->part[i]].n_lines >= CHORD_LINES &&
            sounds[k].now >= 0) {
            heard |= 1u << es_pitch_class(sounds[k].now - chord.root);
        }
    }
    for (unsigned rest = heard & tensions; rest; rest &= rest - 1) {
        weight *= TENSION_WEIGHT;
    }
    return weight;
}

/* What voicings ask of the members of their chords. */
static double shell_weight(const es_search *search, const es_sound *sounds)
{
    const es_cast *cast = search->scene->cast;
    double weight = 1;

    for (int place = 0; place < cast->n_parts; place++) {
        const es_part *part = &search->scene->style->parts[cast->parts[place]];
        uint8_t members = 0;
        int strikes = 0;
        for (int k = 0; part->voicing == ES_VOICING_SHELL && k < search->n; k++) {
            if (cast->place[search->order[k]] == place && sounds[k].strikes) {
                members |= sounds[k].bits;
                strikes++;
            }
        }
        weight *= strikes > 1 ? es_voicing_weight(part, search->moment.harmony, members) : 1;
    }
    return weight;
}

double es_search_set_weight(const es_search *search, const uint8_t *chosen)
{
    es_sound sounds[ES_GROUP_LINES];

    if (!search->rules->has_set_preferences && !search->moment.harmony->chord.tensions &&
        !search->has_shell) {
        return 1;
    }
    for (int k = 0; k < search->n; k++) {
        sounds[k] = search->sound[k][chosen[k]];
    }
    double weight = tension_weight(search, sounds) * shell_weight(search, sounds);
    for (uint32_t p = 0; p < search->rules->n_preferences; p++) {
        const es_preference *preference = &search->rules->preferences[p];
        if (preference->shape == ES_RULE_SET &&
            es_set_breaks(search->scene, &preference->set, search->moment.harmony, &search->outside,
                          search->order, sounds, search->n)) {
            weight *= preference->factor;
        }
    }
    return weight;
}

/* ---- descent ---- */

static bool is_legal(es_search *search)
{
    es_sound sounds[ES_GROUP_LINES];
    bool acts = !search->must_act;

    for (int k = 0; k < search->n && !acts; k++) {
        acts = search->option[k][search->chosen[k]].act != ES_ACT_HOLD;
    }
    if (!acts) {
        return false;
    }
    for (int k = 0; k < search->n && search->rules->n_sets > 0; k++) {
        sounds[k] = search->sound[k][search->chosen[k]];
    }
    return !es_sets_break(search->scene, search->rules, search->moment.harmony, &search->outside,
                          search->order, sounds, search->n) &&
           es_search_has_future(search);
}

static bool any(es_search *search, int k, const es_options_left *left)
{
    if (k == search->n) {
        return is_legal(search);
    }
    for (uint64_t rest = left->of[k]; rest; rest &= rest - 1) {
        const int o = es_first_bit(rest);
        es_options_left below = *left;
        search->chosen[k] = (uint8_t)o;
        if (es_search_narrow(search, &below, k, o) && any(search, k + 1, &below)) {
            return true;
        }
    }
    return false;
}

bool es_search_any(es_search *search, const es_options_left *left)
{
    return any(search, 0, left);
}

bool es_search_any_after(es_search *search, const es_options_left *left, int k)
{
    return any(search, k + 1, left);
}

bool es_search_stands(es_search *search, const uint8_t *chosen)
{
    for (int k = 0; k < search->n; k++) {
        search->chosen[k] = chosen[k];
    }
    return is_legal(search);
}

static void keep(es_search *search, double weight)
{
    if (search->n_found == MOST_FOUND ||
        !es_grow(&search->found, search->n_found, &search->capacity, sizeof *search->found)) {
        search->is_full = true;
        return;
    }
    es_sonority *sonority = &search->found[search->n_found++];
    sonority->weight = weight * es_search_set_weight(search, search->chosen);
    for (int k = 0; k < search->n; k++) {
        sonority->option[k] = search->chosen[k];
    }
}

static void list(es_search *search, int k, const es_options_left *left, double weight)
{
    if (k == search->n) {
        if (is_legal(search)) {
            keep(search, weight);
        }
        return;
    }
    for (uint64_t rest = left->of[k]; rest && !search->is_full; rest &= rest - 1) {
        const int o = es_first_bit(rest);
        es_options_left below = *left;
        search->chosen[k] = (uint8_t)o;
        if (es_search_narrow(search, &below, k, o)) {
            list(search, k + 1, &below,
                 weight * search->option[k][o].weight *
                     es_search_pair_weight(search, search->chosen, k, o));
        }
    }
}

/* Drop the lighter half of the options of each line. */
static void thin(const es_search *search, es_options_left *left)
{
    for (int k = 0; k < search->n; k++) {
        int count = 0;
        for (uint64_t rest = left->of[k]; rest; rest &= rest - 1) {
            count++;
        }
        for (int drop = count / 2; drop > 0; drop--) {
            int lightest = -1;
            for (uint64_t rest = left->of[k]; rest; rest &= rest - 1) {
                const int o = es_first_bit(rest);
                if (lightest < 0 ||
                    search->option[k][o].weight < search->option[k][lightest].weight) {
                    lightest = o;
                }
            }
            left->of[k] &= ~((uint64_t)1 << lightest);
        }
    }
}

estro_status es_search_list(es_search *search, const es_options_left *left, estro_diag *diag)
{
    es_options_left some = *left;

    for (;;) {
        search->n_found = 0;
        search->is_full = false;
        list(search, 0, &some, 1);
        if (!search->is_full) {
            return ESTRO_OK;
        }
        if (search->n_found < MOST_FOUND) {
            return es_fail_memory(diag);
        }
        thin(search, &some);
    }
}
