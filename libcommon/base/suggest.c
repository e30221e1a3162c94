/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimal string alignment: the lowest cost of insertions, deletions, substitutions and
 * transpositions of adjacent letters. Costs are counted in halves, because a letter that differs in
 * case only costs half a step. Three rows of the table are kept.
 */
#include "suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "attributes.h"

enum {
	LONGEST = 128, /* longer names are not compared */
	STEP = 2,
};

struct suggestion suggest_start(const char *wanted)
{
	return (struct suggestion){.wanted = wanted};
}

static size_t replace_cost(char a, char b)
{
	if (a == b)
		return 0;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? STEP / 2 : STEP;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *previous = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		previous[j] = j * STEP;

	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i * STEP;
		for (size_t j = 1; j <= b_length; j++) {
			size_t cost = previous[j - 1] + replace_cost(a[i - 1], b[j - 1]);

			cost = MIN(cost, previous[j] + STEP);
			cost = MIN(cost, row[j - 1] + STEP);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost = MIN(cost, before[j - 2] + STEP);
			row[j] = cost;
		}

		size_t *oldest = before;

		before = previous;
		previous = row;
		row = oldest;
	}
	return previous[b_length];
}

/* Whether the names are similar enough for a suggestion. */
static bool is_near(const char *wanted, const char *candidate, size_t length, size_t steps)
{
	/* Replacing all letters is not similarity. */
	if (steps <= MAX(length / 3, (size_t)1) * STEP && steps < length * STEP)
		return true;
	return length > 0 && strcasecmp(wanted, candidate) == 0;
}

void suggest_offer(struct suggestion *suggestion, const char *candidate)
{
	size_t wanted = strlen(suggestion->wanted);
	size_t length = strlen(candidate);
	size_t difference = wanted > length ? wanted - length : length - wanted;

	if (wanted > LONGEST || length > LONGEST || difference > MAX(wanted / 3, (size_t)1))
		return;

	size_t found = distance(suggestion->wanted, wanted, candidate, length);

	if (suggestion->best && found >= suggestion->distance)
		return; /* of equals the first one stays */
	if (!is_near(suggestion->wanted, candidate, wanted, found))
		return;
	suggestion->best = candidate;
	suggestion->distance = found;
}
