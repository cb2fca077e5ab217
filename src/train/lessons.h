/**
 * @file lessons.h
 * Pieces that a model composes for another one to learn from.
 */
#ifndef ES_TRAIN_LESSONS_H
#define ES_TRAIN_LESSONS_H

#include "gen/model.h"
#include "stream/roll.h"

/**
 * Draw a piece from a model, its plan included, choice by choice. What does not end, or is over at once, is drawn again.
 *
 * @param out     Zero; es_roll_done.
 * @param number  With the seed, the address of its chance.
 * @return ESTRO_ERR_MODEL when no attempt makes a whole piece; ESTRO_ERR_MEMORY.
 */
estro_status es_lesson_draw(es_roll *out, const es_model *model, uint64_t seed, uint64_t number,
                            estro_diag *diag);

#endif
