/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean …?": the nearest of many names by optimal string alignment distance. */
#pragma once

#include <stddef.h>

struct suggestion {
	const char *wanted;
	const char *best; /* borrowed from the candidates; NULL while none is near enough */
	size_t distance;  /* of best, in half steps */
};

/* Starts a search for a name like wanted (borrowed). */
struct suggestion suggest_start(const char *wanted);

/* Offers one candidate; the nearest so far is kept in best. A candidate is near enough when the
 * distance is at most a third of the length of wanted, and at least 1; letter case counts half, and
 * a name that differs in nothing else is always near. */
void suggest_offer(struct suggestion *suggestion, const char *candidate);
