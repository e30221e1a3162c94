/* SPDX-License-Identifier: Apache-2.0 */
/* A library of 100 functions, step_NN_00 … step_NN_99, that call the next one of a path; NN is
 * LIBRARY. */
#include "steps.h"

#define JOIN_(a, b, c) a##b##c
#define JOIN(a, b, c)  JOIN_(a, b, c)
#define NAME(n)        JOIN(step_, LIBRARY, _##n)
#define TEN(of, n)                                                                                 \
	of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7) of(n##8) of(n##9)
#define HUNDRED(of)                                                                                \
	TEN(of, 0)                                                                                 \
	TEN(of, 1)                                                                                 \
	TEN(of, 2) TEN(of, 3) TEN(of, 4) TEN(of, 5) TEN(of, 6) TEN(of, 7) TEN(of, 8) TEN(of, 9)

#define FUNCTION(n)                                                                                \
	void NAME(n)(struct walk * walk);                                                          \
	void NAME(n)(struct walk * walk)                                                           \
	{                                                                                          \
		walk_on(walk);                                                                     \
	}
#define ADDRESS(n) NAME(n),

HUNDRED(FUNCTION)

extern const step JOIN(steps_, LIBRARY, )[STEPS];
const step JOIN(steps_, LIBRARY, )[STEPS] = {HUNDRED(ADDRESS)};
