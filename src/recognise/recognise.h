/**
 * @file recognise.h
 * Which style is this? How likely a piece is under a style, from its notes alone.
 *
 * The sum over keys, forms and harmonies that the style can derive (inside algorithm), of what is heard bar by bar. Two things are
 * simplified, so the figure is an estimate: constraints and the choices of a model are left out (each pitch is weighed for itself), and beats are
 * independent given the rhythm of their bar. What the style can write never has a probability of zero.
 */
#ifndef ES_RECOGNISE_RECOGNISE_H
#define ES_RECOGNISE_RECOGNISE_H

#include "recognise/heard.h"
#include "style/style.h"

/** A piece under a style. */
typedef struct es_recognition {
    bool is_derivable; /**< Else the style cannot have written it, and nats means nothing. */
    double nats;       /**< Minus the log-probability. */
    size_t notes;
} es_recognition;

/** @return ESTRO_ERR_MEMORY. */
estro_status es_recognise(es_recognition *out, const es_style *style, const es_heard *heard,
                          estro_diag *diag);

#endif
