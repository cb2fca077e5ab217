/*
 * Compiling constraints: what the lines of a group may not do at one kind of instant, folded into limits and sets of bits; and what is
 * preferred there.
 */
#include "gen/constraint.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

static const es_line_rule free_line = {.low = 0,
                                       .high = 127,
                                       .leap = ES_FAR,
                                       .unrecovered = ES_FAR,
                                       .repeat = ES_FAR,
                                       .run = ES_FAR,
                                       .longest = INT64_MAX / 4,
                                       .silence = INT64_MAX / 4};
static const es_pair_rule free_pair = {.spacing = ES_FAR};

static int16_t least(int16_t a, int32_t b)
{
    return b < a ? (int16_t)b : a;
}

/* A scope that names places is about notes that begin there. */
static bool is_about_beginnings(uint8_t scope)
{
    return scope == ES_SCOPE_BEATS || scope == ES_SCOPE_STRONG || scope == ES_SCOPE_DOWNBEAT;
}

/* Fold a constraint on single lines into a rule. False when it is none. */
static bool fold_line(es_line_rule *rule, const es_constraint *c)
{
    switch (c->kind) {
    case ES_CONSTRAINT_LEAP:
        rule->leap = least(rule->leap, c->n);
        return true;
    case ES_CONSTRAINT_INTERVAL:
        rule->intervals |= c->n >= 0 && c->n < 32 ? 1u << c->n : 0;
        return true;
    case ES_CONSTRAINT_UNRECOVERED:
        rule->unrecovered = least(rule->unrecovered, c->n);
        return true;
    case ES_CONSTRAINT_REPEAT:
        rule->repeat = least(rule->repeat, c->n);
        return true;
    case ES_CONSTRAINT_SAME_WAY:
        rule->run = least(rule->run, c->n);
        return true;
    case ES_CONSTRAINT_FOREIGN:
        rule->foreign = true;
        rule->foreign_held |= !is_about_beginnings(c->scope);
        return true;
    case ES_CONSTRAINT_CHROMATIC:
        rule->chromatic = true;
        rule->chromatic_held |= !is_about_beginnings(c->scope);
        return true;
    case ES_CONSTRAINT_UNRESOLVED:
        rule->unresolved |= (uint8_t)(1u << c->scope);
        return true;
    case ES_CONSTRAINT_LEADING:
        rule->leading = true;
        return true;
    case ES_CONSTRAINT_SEVENTH:
        rule->seventh = true;
        return true;
    case ES_CONSTRAINT_OUTSIDE:
        rule->low = c->n > rule->low ? (int16_t)c->n : rule->low;
        rule->high = least(rule->high, c->m);
        return true;
    case ES_CONSTRAINT_SHORT:
        rule->shortest = c->n > rule->shortest ? c->n : rule->shortest;
        return true;
    case ES_CONSTRAINT_LONG:
        rule->longest = c->n < rule->longest ? c->n : rule->longest;
        return true;
    case ES_CONSTRAINT_SILENCE:
        rule->silence = c->n < rule->silence ? c->n : rule->silence;
        return true;
    default:
        return false;
    }
}

static bool fold_pair(es_pair_rule *rule, const es_constraint *c)
{
    switch (c->kind) {
    case ES_CONSTRAINT_PARALLEL:
        rule->parallel |= (uint16_t)(1u << es_pitch_class(c->n));
        return true;
    case ES_CONSTRAINT_HIDDEN:
        rule->hidden |= (uint16_t)(1u << es_pitch_class(c->n));
        return true;
    case ES_CONSTRAINT_CROSS:
        rule->cross = true;
        return true;
    case ES_CONSTRAINT_OVERLAP:
        rule->overlap = true;
        return true;
    case ES_CONSTRAINT_SPACING:
    case ES_CONSTRAINT_SPAN:
        rule->spacing = least(rule->spacing, c->n);
        return true;
    case ES_CONSTRAINT_UNISON:
        rule->unison = true;
        return true;
    case ES_CONSTRAINT_CLASH:
        rule->clash |= c->n >= 0 && c->n < 64 ? (uint64_t)1 << c->n : 0;
        return true;
    case ES_CONSTRAINT_DOUBLED:
        rule->doubled |= (uint8_t)(1u << (c->n < 0 ? ES_LEADING_BIT : c->n));
        return true;
    default:
        return false;
    }
}

static bool fold_set(es_set_rule *rule, const es_constraint *c)
{
    if (c->kind == ES_CONSTRAINT_MISSING) {
        rule->member = (uint8_t)(1u << (c->n < 0 ? ES_LEADING_BIT : c->n));
        return true;
    }
    rule->is_bass = c->kind == ES_CONSTRAINT_WRONG_BASS;
    return rule->is_bass;
}

/* Whether the upper of two lines is the lowest of its part, and the lower the top of its own. */
static bool face(const es_style *style, int upper, int lower)
{
    const es_part *above = &style->parts[es_line_part(style, upper)];
    const es_part *below = &style->parts[es_line_part(style, lower)];

    return upper == above->first_line + above->n_lines - 1 && lower == below->first_line;
}

/* Whether a constraint speaks of the pair: "between" of two parts, "in" of two lines of one; doublings of any two. */
static bool is_about_pair(const es_style *style, const es_constraint *c, int a, int b)
{
    const int part_a = es_line_part(style, a), part_b = es_line_part(style, b);

    if (!(c->parts >> part_a & 1) || !(c->parts >> part_b & 1)) {
        return false;
    }
    if (c->kind == ES_CONSTRAINT_DOUBLED) {
        return true;
    }
    const bool within = !c->is_pair || c->kind == ES_CONSTRAINT_SPAN;
    if (c->kind == ES_CONSTRAINT_SPACING && !within) {
        return part_a != part_b && face(style, a < b ? a : b, a < b ? b : a);
    }
    return within == (part_a == part_b);
}

/* Inner lines of a constraint: all but the top and the bottom one of its parts. */
static bool is_inner(const es_style *style, const es_constraint *c, int line)
{
    const uint32_t lines = es_lines_of(style, c->parts);

    return (lines & ((1u << line) - 1)) != 0 && lines >> line > 1;
}

typedef struct compiler {
    es_rules *rules;
    const es_style *style;
    const es_cast *cast;
    size_t capacity; /* Of rules->preferences. */
    estro_diag *diag;
} compiler;

static estro_status prefer(compiler *k, const es_preference *preference)
{
    es_rules *rules = k->rules;

    if (!es_grow(&rules->preferences, rules->n_preferences, &k->capacity,
                 sizeof *rules->preferences)) {
        return es_fail_memory(k->diag);
    }
    rules->preferences[rules->n_preferences++] = *preference;
    return ESTRO_OK;
}

static estro_status compile_line(compiler *k, const es_constraint *c)
{
    for (int i = 0; i < k->cast->n_lines; i++) {
        es_preference preference = {
            .shape = ES_RULE_LINE, .upper = (uint8_t)i, .factor = 1 / c->weight, .line = free_line};
        es_line_rule *rule = c->is_never ? &k->rules->line[i] : &preference.line;
        if (!(c->parts >> k->cast->part[i] & 1) || !fold_line(rule, c)) {
            continue;
        }
        if (c->kind == ES_CONSTRAINT_CHROMATIC) {
            memcpy(rule->scale, k->style->parts[k->cast->part[i]].scale, sizeof rule->scale);
        }
        if (c->kind == ES_CONSTRAINT_LEADING) {
            rule->is_inner = is_inner(k->style, c, k->cast->line[i]);
        }
        if (!c->is_never) {
            ES_TRY(prefer(k, &preference));
        }
    }
    return ESTRO_OK;
}

static estro_status compile_pair(compiler *k, const es_constraint *c)
{
    const es_cast *cast = k->cast;
    uint32_t visible = cast->earlier;

    for (int i = 0; i < cast->n_lines; i++) {
        visible |= 1u << cast->line[i];
    }
    for (int i = 0; i < cast->n_lines; i++) {
        for (int j = 0; j < ES_MAX_LINES; j++) {
            const bool is_own = !(cast->earlier >> j & 1);
            if (!(visible >> j & 1) || j == cast->line[i] ||
                !is_about_pair(k->style, c, cast->line[i], j)) {
                continue;
            }
            es_preference preference = {.shape = ES_RULE_PAIR,
                                        .upper = (uint8_t)(j < cast->line[i] ? j : cast->line[i]),
                                        .lower = (uint8_t)(j < cast->line[i] ? cast->line[i] : j),
                                        .factor = 1 / c->weight,
                                        .pair = free_pair};
            if (!fold_pair(c->is_never ? &k->rules->pair[i][j] : &preference.pair, c)) {
                return ESTRO_OK;
            }
            if (c->is_never) {
                k->rules->paired[i] |= 1u << j;
            } else if (!is_own || j > cast->line[i]) {
                ES_TRY(prefer(k, &preference));
            }
        }
    }
    return ESTRO_OK;
}

static estro_status compile_set(compiler *k, const es_constraint *c)
{
    es_preference preference = {.shape = ES_RULE_SET, .factor = 1 / c->weight};
    es_set_rule rule = {.lines = es_lines_of(k->style, c->parts)};
    uint32_t visible = k->cast->earlier, own = 0;

    if (!fold_set(&rule, c)) {
        return ESTRO_OK;
    }
    for (int i = 0; i < k->cast->n_lines; i++) {
        own |= 1u << k->cast->line[i];
    }
    /* A set is tried in the group that completes it. */
    if (!(rule.lines & own) || (rule.lines & ~(visible | own))) {
        return ESTRO_OK;
    }
    if (!c->is_never) {
        preference.set = rule;
        return prefer(k, &preference);
    }
    if (k->rules->n_sets == ES_MAX_SETS) {
        return es_fail_at(k->diag, ESTRO_ERR_STYLE, k->style->source, c->line, 1,
                          "more than %d constraints on missing members and basses", ES_MAX_SETS);
    }
    k->rules->set[k->rules->n_sets++] = rule;
    return ESTRO_OK;
}

/* The lowest line of a set that demands the bass can be tried alone, where nothing may cross below it. */
static void find_bass(compiler *k)
{
    const es_cast *cast = k->cast;

    for (uint32_t s = 0; s < k->rules->n_sets; s++) {
        const uint32_t lines = k->rules->set[s].lines;
        for (int i = 0; i < cast->n_lines && k->rules->set[s].is_bass; i++) {
            bool is_lowest = lines >> cast->line[i] == 1;
            for (int j = 0; j < cast->line[i]; j++) {
                is_lowest = is_lowest && (!(lines >> j & 1) || k->rules->pair[i][j].cross);
            }
            k->rules->line[i].is_bass |= is_lowest;
        }
    }
}

/* What holds without being said: ranges; inside a part no crossing, and unisons only where there are too few pitches. */
static estro_status compile_implied(compiler *k)
{
    const es_cast *cast = k->cast;

    for (int i = 0; i < cast->n_lines; i++) {
        const es_part *part = &k->style->parts[cast->part[i]];
        k->rules->line[i] = free_line;
        k->rules->line[i].low = part->low;
        k->rules->line[i].high = part->high;
        for (int j = 0; j < ES_MAX_LINES; j++) {
            k->rules->pair[i][j] = free_pair;
        }
        for (int j = 0; j < cast->n_lines; j++) {
            if (j != i && cast->part[j] == cast->part[i]) {
                k->rules->pair[i][cast->line[j]].cross = true;
                k->rules->paired[i] |= 1u << cast->line[j];
            }
            if (j > i && cast->part[j] == cast->part[i]) {
                es_preference apart = {.shape = ES_RULE_PAIR,
                                       .upper = cast->line[i],
                                       .lower = cast->line[j],
                                       .factor = 0.01,
                                       .pair = free_pair};
                apart.pair.unison = true;
                ES_TRY(prefer(k, &apart));
            }
        }
    }
    return ESTRO_OK;
}

/* Whether a preference concerns line i: with another of its group (`mutual`), or else. */
static bool concerns(const es_cast *cast, const es_preference *wish, int i, bool mutual)
{
    const int own = cast->line[i];

    if (wish->shape == ES_RULE_LINE) {
        return !mutual && wish->upper == i;
    }
    if (wish->shape != ES_RULE_PAIR || (wish->upper != own && wish->lower != own)) {
        return false;
    }
    const int other = wish->upper == own ? wish->lower : wish->upper;
    return mutual != (cast->earlier >> other & 1);
}

/* Which preferences each line has to look at; and what no rule asks for. */
static estro_status index_rules(compiler *k)
{
    es_rules *rules = k->rules;
    const es_cast *cast = k->cast;
    uint32_t count = 0;

    rules->wishes = es_calloc((size_t)rules->n_preferences * 2, sizeof *rules->wishes);
    if (!rules->wishes) {
        return es_fail_memory(k->diag);
    }
    for (int i = 0; i < cast->n_lines; i++) {
        rules->first_wish[i] = count;
        for (int mutual = 0; mutual < 2; mutual++) {
            rules->first_mutual[i] = count;
            for (uint32_t p = 0; p < rules->n_preferences; p++) {
                if (concerns(cast, &rules->preferences[p], i, mutual)) {
                    rules->wishes[count++] = p;
                }
            }
        }
        for (int j = 0; j < cast->n_lines; j++) {
            const es_pair_rule *pair = &rules->pair[i][cast->line[j]];
            rules->has_motion |= pair->parallel || pair->hidden || pair->overlap;
        }
    }
    rules->first_wish[cast->n_lines] = count;
    for (uint32_t p = 0; p < rules->n_preferences; p++) {
        rules->has_set_preferences |= rules->preferences[p].shape == ES_RULE_SET;
    }
    return ESTRO_OK;
}

uint8_t es_rules_scopes(const es_style *style)
{
    uint8_t scopes = 1u << ES_SCOPE_EVERYWHERE;

    for (uint32_t i = 0; i < style->n_constraints; i++) {
        scopes |= (uint8_t)(1u << style->constraints[i].scope);
    }
    return scopes;
}

estro_status es_rules_new(es_rules **out, const es_style *style, const es_cast *cast,
                          uint8_t scopes, const bool *left_out, estro_diag *diag)
{
    es_rules *rules = es_calloc(1, sizeof *rules + cast->n_lines * sizeof *rules->pair);
    compiler k = {.rules = rules, .style = style, .cast = cast, .diag = diag};

    if (!rules) {
        return es_fail_memory(diag);
    }
    estro_status status = compile_implied(&k);
    for (uint32_t i = 0; i < style->n_constraints && status == ESTRO_OK; i++) {
        const es_constraint *c = &style->constraints[i];
        const bool is_about_notes_before = c->kind == ES_CONSTRAINT_UNRESOLVED;
        if ((left_out && left_out[i]) || (!(scopes >> c->scope & 1) && !is_about_notes_before)) {
            continue;
        }
        status = compile_line(&k, c);
        if (status == ESTRO_OK) {
            status = compile_pair(&k, c);
        }
        if (status == ESTRO_OK) {
            status = compile_set(&k, c);
        }
    }
    if (status == ESTRO_OK) {
        find_bass(&k);
        status = index_rules(&k);
    }
    if (status != ESTRO_OK) {
        es_rules_free(rules);
        return status;
    }
    *out = rules;
    return ESTRO_OK;
}

void es_rules_free(es_rules *rules)
{
    if (rules) {
        es_free(rules->preferences);
        es_free(rules->wishes);
        es_free(rules);
    }
}
