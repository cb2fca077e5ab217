/*
 * The tables of General MIDI. Each instrument has two ranges: the one in which it sounds as itself, which parts have when they say
 * nothing; and the widest that players reach, which a part should not leave. The latter are the ranges for professionals that MuseScore
 * 3.2 gives (share/instruments/instruments.xml) for the instrument of that name, no narrower than the first; what it does not
 * know has the range of its nearest relative, synthesizers that of a piano, and what has no pitch all keys.
 */
#include "style/names.h"

#include "base/near.h"
#include "style/build.h"

#include <stdio.h>
#include <string.h>

static const es_instrument instruments[128] = {
    {"Acoustic Grand Piano", 28, 96, 21, 108},
    {"Bright Acoustic Piano", 28, 96, 21, 108},
    {"Electric Grand Piano", 28, 96, 21, 108},
    {"Honky-tonk Piano", 28, 96, 21, 108},
    {"Electric Piano 1", 28, 96, 21, 108},
    {"Electric Piano 2", 28, 96, 21, 108},
    {"Harpsichord", 29, 89, 29, 89},
    {"Clavinet", 29, 89, 29, 89},
    {"Celesta", 60, 96, 48, 113},
    {"Glockenspiel", 72, 96, 72, 108},
    {"Music Box", 60, 84, 60, 108},
    {"Vibraphone", 53, 89, 48, 96},
    {"Marimba", 48, 84, 36, 96},
    {"Xylophone", 65, 96, 60, 108},
    {"Tubular Bells", 60, 77, 53, 79},
    {"Dulcimer", 55, 84, 48, 86},
    {"Drawbar Organ", 36, 96, 24, 108},
    {"Percussive Organ", 36, 96, 24, 108},
    {"Rock Organ", 36, 96, 24, 108},
    {"Church Organ", 36, 96, 24, 108},
    {"Reed Organ", 36, 84, 29, 96},
    {"Accordion", 53, 89, 36, 93},
    {"Harmonica", 60, 84, 48, 103},
    {"Tango Accordion", 53, 89, 36, 93},
    {"Acoustic Guitar (nylon)", 40, 79, 40, 88},
    {"Acoustic Guitar (steel)", 40, 79, 40, 88},
    {"Electric Guitar (jazz)", 40, 82, 40, 88},
    {"Electric Guitar (clean)", 40, 82, 40, 88},
    {"Electric Guitar (muted)", 40, 79, 40, 88},
    {"Overdriven Guitar", 40, 82, 40, 88},
    {"Distortion Guitar", 40, 82, 40, 88},
    {"Guitar Harmonics", 40, 82, 40, 100},
    {"Acoustic Bass", 28, 55, 24, 67},
    {"Electric Bass (finger)", 28, 55, 23, 67},
    {"Electric Bass (pick)", 28, 55, 23, 67},
    {"Fretless Bass", 28, 55, 23, 67},
    {"Slap Bass 1", 28, 55, 23, 67},
    {"Slap Bass 2", 28, 55, 23, 67},
    {"Synth Bass 1", 28, 55, 21, 108},
    {"Synth Bass 2", 28, 55, 21, 108},
    {"Violin", 55, 93, 55, 103},
    {"Viola", 48, 84, 48, 93},
    {"Cello", 36, 72, 36, 90},
    {"Contrabass", 28, 55, 24, 67},
    {"Tremolo Strings", 36, 91, 24, 108},
    {"Pizzicato Strings", 36, 91, 24, 108},
    {"Orchestral Harp", 31, 91, 23, 104},
    {"Timpani", 40, 57, 36, 62},
    {"String Ensemble 1", 36, 91, 24, 108},
    {"String Ensemble 2", 36, 91, 24, 108},
    {"Synth Strings 1", 36, 91, 21, 108},
    {"Synth Strings 2", 36, 91, 21, 108},
    {"Choir Aahs", 36, 84, 36, 94},
    {"Voice Oohs", 36, 84, 36, 94},
    {"Synth Voice", 36, 84, 36, 94},
    {"Orchestra Hit", 48, 72, 24, 108},
    {"Trumpet", 55, 82, 52, 85},
    {"Trombone", 40, 70, 36, 74},
    {"Tuba", 29, 55, 22, 72},
    {"Muted Trumpet", 55, 82, 52, 85},
    {"French Horn", 41, 77, 31, 77},
    {"Brass Section", 41, 84, 24, 108},
    {"Synth Brass 1", 41, 84, 21, 108},
    {"Synth Brass 2", 41, 84, 21, 108},
    {"Soprano Sax", 56, 87, 56, 94},
    {"Alto Sax", 49, 80, 49, 87},
    {"Tenor Sax", 44, 75, 44, 82},
    {"Baritone Sax", 36, 68, 36, 75},
    {"Oboe", 58, 88, 58, 96},
    {"English Horn", 52, 81, 52, 83},
    {"Bassoon", 34, 70, 34, 76},
    {"Clarinet", 50, 89, 50, 94},
    {"Piccolo", 74, 104, 74, 108},
    {"Flute", 60, 93, 59, 98},
    {"Recorder", 60, 86, 53, 108},
    {"Pan Flute", 60, 91, 60, 96},
    {"Blown Bottle", 60, 91, 60, 96},
    {"Shakuhachi", 55, 84, 55, 91},
    {"Whistle", 60, 91, 60, 105},
    {"Ocarina", 60, 84, 60, 91},
    {"Lead 1 (square)", 36, 96, 21, 108},
    {"Lead 2 (sawtooth)", 36, 96, 21, 108},
    {"Lead 3 (calliope)", 36, 96, 21, 108},
    {"Lead 4 (chiff)", 36, 96, 21, 108},
    {"Lead 5 (charang)", 36, 96, 21, 108},
    {"Lead 6 (voice)", 36, 96, 21, 108},
    {"Lead 7 (fifths)", 36, 96, 21, 108},
    {"Lead 8 (bass + lead)", 36, 96, 21, 108},
    {"Pad 1 (new age)", 36, 91, 21, 108},
    {"Pad 2 (warm)", 36, 91, 21, 108},
    {"Pad 3 (polysynth)", 36, 91, 21, 108},
    {"Pad 4 (choir)", 36, 91, 21, 108},
    {"Pad 5 (bowed)", 36, 91, 21, 108},
    {"Pad 6 (metallic)", 36, 91, 21, 108},
    {"Pad 7 (halo)", 36, 91, 21, 108},
    {"Pad 8 (sweep)", 36, 91, 21, 108},
    {"FX 1 (rain)", 36, 91, 21, 108},
    {"FX 2 (soundtrack)", 36, 91, 21, 108},
    {"FX 3 (crystal)", 36, 91, 21, 108},
    {"FX 4 (atmosphere)", 36, 91, 21, 108},
    {"FX 5 (brightness)", 36, 91, 21, 108},
    {"FX 6 (goblins)", 36, 91, 21, 108},
    {"FX 7 (echoes)", 36, 91, 21, 108},
    {"FX 8 (sci-fi)", 36, 91, 21, 108},
    {"Sitar", 48, 77, 36, 84},
    {"Banjo", 48, 84, 43, 87},
    {"Shamisen", 50, 79, 50, 83},
    {"Koto", 55, 84, 43, 91},
    {"Kalimba", 48, 79, 48, 105},
    {"Bag Pipe", 57, 77, 55, 84},
    {"Fiddle", 55, 88, 55, 103},
    {"Shanai", 48, 72, 48, 84},
    {"Tinkle Bell", 72, 84, 36, 97},
    {"Agogo", 60, 72, 36, 96},
    {"Steel Drums", 52, 76, 36, 88},
    {"Woodblock", 60, 72, 36, 96},
    {"Taiko Drum", 36, 60, 24, 84},
    {"Melodic Tom", 36, 60, 36, 76},
    {"Synth Drum", 36, 60, 24, 84},
    {"Reverse Cymbal", 36, 60, 0, 127},
    {"Guitar Fret Noise", 40, 79, 0, 127},
    {"Breath Noise", 40, 79, 0, 127},
    {"Seashore", 40, 79, 0, 127},
    {"Bird Tweet", 40, 79, 0, 127},
    {"Telephone Ring", 40, 79, 0, 127},
    {"Helicopter", 40, 79, 0, 127},
    {"Applause", 40, 79, 0, 127},
    {"Gunshot", 40, 79, 0, 127},
};

static const struct {
    const char *name;
    uint8_t key;
} drums[] = {
    {"kick", 36},   {"snare", 38},      {"rim", 37},   {"clap", 39},   {"hat", 42},
    {"open", 46},   {"pedal", 44},      {"ride", 51},  {"bell", 53},   {"crash", 49},
    {"tom1", 48},   {"tom2", 45},       {"tom3", 41},  {"floor", 41},  {"cowbell", 56},
    {"shaker", 70}, {"tambourine", 54}, {"conga", 63}, {"bongo", 60},  {"clave", 75},
    {"block", 76},  {"triangle", 81},   {"guiro", 73}, {"splash", 55}, {"china", 52},
};

const es_instrument *es_instrument_get(int program)
{
    return &instruments[program & 127];
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int same_start(const char *text, const char *start)
{
    while (*start && small(*text) == small(*start)) {
        text++;
        start++;
    }
    return !*start;
}

int es_instrument_find(const char *name)
{
    for (int i = 0; i < 128; i++) {
        if (strlen(instruments[i].name) == strlen(name) && same_start(instruments[i].name, name)) {
            return i;
        }
    }
    return -1;
}

/* The first instrument that has a word like this one. */
static const char *near_word(const char *name)
{
    const char *best = NULL;
    int distance = 3;

    for (int i = 0; i < 128; i++) {
        for (const char *at = instruments[i].name; *at; at += strspn(at, " ()")) {
            char word[24];
            const size_t length = strcspn(at, " ()");
            snprintf(word, sizeof word, "%.*s", (int)length, at);
            const int found = es_near_distance(name, word);
            if (length > 2 && found < distance && 2 * (size_t)found <= strlen(name)) {
                best = instruments[i].name;
                distance = found;
            }
            at += length;
        }
    }
    return best;
}

const char *es_instrument_near(const char *name)
{
    es_guess guess;

    es_guess_init(&guess, name);
    for (int i = 0; i < 128; i++) {
        es_guess_try(&guess, instruments[i].name);
    }
    for (int i = 0; i < 128 && !guess.best && *name; i++) {
        for (const char *at = instruments[i].name; at; at = strchr(at, ' ')) {
            at += *at == ' ';
            at += *at == '(';
            if (same_start(at, name)) {
                return instruments[i].name;
            }
        }
    }
    return guess.best ? guess.best : near_word(name);
}

const char *es_drum_name(int index)
{
    return index >= 0 && index < (int)(sizeof drums / sizeof *drums) ? drums[index].name : NULL;
}

uint8_t es_drum_key(int index)
{
    return drums[index].key;
}
