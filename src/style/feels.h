/**
 * @file feels.h
 * Feels that are known by name: texts in the language of styles.
 */
#ifndef ES_STYLE_FEELS_H
#define ES_STYLE_FEELS_H

/** "feel NAME { ... }" each, then NULL. Made by tests/bench/feels from played drums. */
extern const char *const es_feels[];

#endif
