/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors are values: NULL is success, anything else carries a message for users. Library code
 * creates them and never prints. A function that fails leaves its out parameters unchanged. The
 * caller owns the returned error.
 */
#pragma once

#include "attributes.h"

struct error {
	int number; /* the errno value it came from, 0 when there is none */
	char *message;
};

/* "message"; number is kept for callers that act on it. */
struct error *error_new(int number, const char *format, ...) _printf_(2, 3) _must_check_;

/* "message: strerror(number)". */
struct error *error_system(int number, const char *format, ...) _printf_(2, 3) _must_check_;

/* Puts "context: " before the message and returns the same error. */
struct error *error_prefix(struct error *error, const char *format, ...)
	_printf_(2, 3) _must_check_;

void error_free(struct error *error); /* NULL-safe */

static inline void cleanup_error(struct error **error)
{
	error_free(*error);
}

#define _cleanup_error_ _cleanup_(cleanup_error)
