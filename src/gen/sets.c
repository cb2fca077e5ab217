/*
 * Rules about the lines of a sonority as a whole: which member of the chord may not be missing, and what its bass is.
 */
#include "gen/sonority.h"

bool es_set_breaks(const es_scene *scene, const es_set_rule *rule, const es_harmony *harmony,
                   const es_outside *outside, const uint8_t *order, const es_sound *sounds, int n)
{
    uint8_t bits = 0;
    int lowest = 128;
    bool lowest_is_given = false; /* Then it is as it is. */

    for (int k = 0; k < n; k++) {
        if ((rule->lines >> scene->cast->line[order[k]] & 1) && sounds[k].now >= 0) {
            bits |= sounds[k].bits;
            if (sounds[k].now < lowest) {
                lowest = sounds[k].now;
                lowest_is_given = outside->given >> scene->cast->line[order[k]] & 1;
            }
        }
    }
    for (int j = 0; rule->lines & outside->lines & ~((1u << j) - 1); j++) {
        if ((rule->lines & outside->lines) >> j & 1 && outside->sound[j].now >= 0) {
            bits |= outside->sound[j].bits;
            if (outside->sound[j].now < lowest) {
                lowest = outside->sound[j].now;
                lowest_is_given = outside->given >> j & 1;
            }
        }
    }
    if (lowest == 128) {
        return false;
    }
    if (rule->is_bass) {
        return !lowest_is_given && harmony->bass >= 0 && lowest % 12 != harmony->bass;
    }
    return (es_harmony_members(harmony) & rule->member) && !(bits & rule->member);
}

bool es_sets_break(const es_scene *scene, const es_rules *rules, const es_harmony *harmony,
                   const es_outside *outside, const uint8_t *order, const es_sound *sounds, int n)
{
    uint32_t own = 0;

    for (int k = 0; scene->given && k < n; k++) {
        own |= 1u << scene->cast->line[order[k]];
    }
    for (uint32_t s = 0; s < rules->n_sets; s++) {
        const uint32_t lines = rules->set[s].lines;
        const bool is_whole = !(lines & ~(own | outside->lines)); /* No line is still to come. */
        const bool is_drawn = lines & own & ~outside->given;
        if (scene->given && !(is_whole && is_drawn)) {
            continue;
        }
        if (es_set_breaks(scene, &rules->set[s], harmony, outside, order, sounds, n)) {
            return true;
        }
    }
    return false;
}
