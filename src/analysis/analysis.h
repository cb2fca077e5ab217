/**
 * @file analysis.h
 * Any MIDI file to a plan and a roll: metre and grid, key, chords, parts, form.
 */
#ifndef ES_ANALYSIS_ANALYSIS_H
#define ES_ANALYSIS_ANALYSIS_H

#include "score/score.h"
#include "smf/smf.h"
#include "stream/roll.h"
#include "style/style.h"

/** A part of a file: one channel of one track. */
typedef struct es_found_part {
    char name[48];
    uint8_t channel, program;
    bool is_drums;
    uint8_t role; /**< es_role. */
    uint32_t n_notes;
    uint8_t low, high;
    uint8_t polyphony; /**< Most notes at once. */
} es_found_part;

enum { ES_FOUND_PARTS = 64 };

/** What was found. Owned arrays; es_analysis_done. */
typedef struct es_analysis {
    es_meter meter; /**< The one in force for most of the piece. */
    double tempo;   /**< The first one, quarters per minute. */
    es_key key;
    double key_confidence; /**< 0-1: how far the best key is ahead; 1 when by 0.3 of correlation. */
    es_note *
        notes; /**< Score order; times in ES_QUARTER ticks, on a 24th of a quarter when on_grid. Part = index in parts. */
    size_t n_notes;
    uint8_t *velocities; /**< [n_notes]. */
    es_found_part parts[ES_FOUND_PARTS];
    size_t n_parts;
    uint8_t
        grid; /**< Steps to a quarter that hold nearly all onsets and ends: 1, 2, 3, 4, 6, 8, 12 or 24. */
    bool on_grid; /**< Else the file was played, not written. */
    es_tick
        pickup; /**< Silence put before the piece so that bar lines stand at multiples of a bar. */
    es_tick length; /**< To the last bar line. */
    uint32_t n_beats;
    es_chord *chords; /**< [n_beats]. */
    uint32_t n_bars;
    int16_t *bar_like; /**< [n_bars]: earlier bar that this one repeats (same notes), or -1. */
} es_analysis;

/**
 * Analyse a file that was read.
 *
 * @param out  Overwritten; untouched on failure.
 * @return ESTRO_ERR_FORMAT when it has no notes, SMPTE time, or is longer than 2^20 beats; ESTRO_ERR_MEMORY.
 */
estro_status es_analyse(es_analysis *out, const es_smf *smf, estro_diag *diag);
void es_analysis_done(es_analysis *analysis);

/** Sections of a file, each a piece by itself. Owned; es_sections_done. */
typedef struct es_sections {
    es_analysis *list;
    size_t count;
    size_t n_left_out; /**< Notes in what was too short to be a section. */
} es_sections;

/**
 * Analyse a file section by section: a new one begins wherever metre or key signature is stated, and what is still longer
 * than ES_SECTION_BEATS is cut at bar lines where a phrase ends. Each section has its own metre, key, grid and bar
 * lines. A file of one short section gives what es_analyse gives.
 *
 * @return As es_analyse; ESTRO_ERR_FORMAT also when every section is too short.
 */
enum { ES_SECTION_BEATS = 256 };
estro_status es_analyse_sections(es_sections *out, const es_smf *smf, estro_diag *diag);
void es_sections_done(es_sections *sections);

/**
 * Chords of each beat from notes alone: what explains the sounding time best, with few changes.
 *
 * @param parts   Tells which parts are drums; [highest part + 1], or NULL: none is.
 * @param chords  [n_beats], overwritten.
 * @return ESTRO_ERR_MEMORY; then all chords are unknown.
 */
estro_status es_analyse_chords(const es_note *notes, size_t n_notes, const es_found_part *parts,
                               es_meter meter, es_key key, es_chord *chords, uint32_t n_beats);

/** Key from durations of pitch classes (Krumhansl and Kessler's profiles), the last bass note and the first. */
es_key es_analyse_key(const es_note *notes, size_t n_notes, const es_found_part *parts,
                      double *confidence);

/**
 * The notes as monophonic voices on a grid.
 *
 * Where there are just `max_voices` parts, each is a voice, in the order of the file or, if that begins with the lowest, turned over: of notes that sound together the highest is
 * kept, in the last part the lowest. Else parts that are monophonic are voices as they are, ordered top to bottom by mean pitch; a part that is polyphonic is split from the top down. At most
 * `max_voices` are kept: top and bottom first, then those with most notes. Drums are left out.
 *
 * @param out      Overwritten; untouched on failure. Its steps end with the last note's beat.
 * @param dropped  Notes that found no voice; may be NULL.
 * @return ESTRO_ERR_FORMAT when only drums play or it has more than 2^22 steps, ESTRO_ERR_MEMORY.
 */
estro_status es_analysis_roll(es_roll *out, const es_analysis *analysis, int max_voices, int grid,
                              size_t *dropped, estro_diag *diag);

#endif
