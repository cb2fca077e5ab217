/**
 * @file ranks.h
 * Processes that train together, started by `mpirun`: a build with MPI=1 joins them (ranks_mpi.c), another one says that it
 * cannot (ranks_alone.c).
 */
#ifndef ES_TRAIN_RANKS_H
#define ES_TRAIN_RANKS_H

#include "nn/learn.h"

typedef struct es_ranks es_ranks;

/**
 * Join the ranks that this process was started with.
 *
 * @param out  NULL when it is alone. @return ESTRO_ERR_UNSUPPORTED, ESTRO_ERR_IO.
 */
estro_status es_ranks_open(es_ranks **out, estro_diag *diag);

/** What the learner needs; borrowed. */
const es_learn_ranks *es_ranks_table(const es_ranks *ranks);

/** How many of them run on this machine. */
int es_ranks_here(const es_ranks *ranks);

/** Replace `value` by that of rank 0. */
estro_status es_ranks_share(es_ranks *ranks, double *value, estro_diag *diag);

/** ESTRO_ERR_ARGUMENT, with `what` in the text, on all ranks when `hash` is not the same on all of them. */
estro_status es_ranks_agree(es_ranks *ranks, uint64_t hash, const char *what, estro_diag *diag);

/** From now on waiting for others ends with ESTRO_ERR_CANCELLED. Async-signal-safe. */
void es_ranks_stop(es_ranks *ranks);

/** @param in_order  All ranks get here. Else nothing is waited for, and `mpirun` ends the others. Accepts NULL. */
void es_ranks_close(es_ranks *ranks, bool in_order);

#endif
