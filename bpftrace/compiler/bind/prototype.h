/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little language of builtins' prototypes (ast/builtin.h), read where it is needed: a prototype
 * is a view into its row's text and owns nothing.
 */
#pragma once

#include "bpftrace/compiler/compilation.h"

enum parameter_kind {
	PARAMETER_INT,
	PARAMETER_CONST_INT,
	PARAMETER_STRING,
	PARAMETER_LITERAL,
	PARAMETER_POINTER,
	PARAMETER_ANY,
	PARAMETER_MAP,
	PARAMETER_ELEMENT,
	PARAMETER_KEY,  /* a key of the map in the parameter before it */
	PARAMETER_MODE, /* one of the words of type, separated by | */
	PARAMETER_TYPE, /* a type as scripts spell it */
};

/* Part of the row's text. */
struct slice {
	const char *begin;
	size_t length;
};

struct parameter {
	enum parameter_kind kind;
	struct slice type;
	struct slice name; /* empty for any... */
	bool optional;
	bool repeated;
};

enum { PROTOTYPE_MAX_PARAMETERS = 8 };

struct prototype {
	struct parameter parameters[PROTOTYPE_MAX_PARAMETERS];
	size_t count;
	size_t required;
	bool variadic; /* the last parameter takes any number of arguments, also none */
	struct slice result;
};

/* Reads a row's text: "name(parameters) result", or "name result" of a variable. */
struct prototype prototype_parse(const char *text);

/* How many prototypes the row has. */
size_t prototype_count(const struct builtin *builtin);

/* The parameter of argument number index (from 0); NULL when there are not so many. */
const struct parameter *prototype_parameter(const struct prototype *prototype, size_t index);

/* Whether so many arguments can be given. */
bool prototype_takes(const struct prototype *prototype, size_t arguments);

/* Whether an argument can stand for the parameter; a type not known yet always can. */
bool prototype_accepts(
	struct compilation *c, const struct parameter *parameter, struct node *argument);

/* The first prototype of the call's builtin that its arguments fit, by number and types. */
bool prototype_match(struct compilation *c, struct call *call, struct prototype *ret);

bool slice_is(struct slice slice, const char *text);

/* Whether word is one of the words of a PARAMETER_MODE. */
bool parameter_has_mode(const struct parameter *parameter, const char *word);

/* The parameter in any of the builtin's prototypes for argument number index is of the kind. */
bool prototype_any_is(const struct builtin *builtin, size_t index, enum parameter_kind kind);
