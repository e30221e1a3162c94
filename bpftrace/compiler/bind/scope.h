/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the resolution of names share. */
#pragma once

#include "bind.h"

/* The first place where a map is used that may turn out never to be written. */
struct scope_map_read {
	struct map *map;
	struct span span;
};

/* What a name is in a frame. */
struct scope_name {
	struct scope_name *next;
	const char *name;
	struct variable *variable;
	struct map *map;  /* of a macro's parameter @x */
	bool is_declared; /* by let or for: ends with its braces whatever follows */
};

/* The names that one pair of braces has, newest first. */
struct scope_frame {
	struct scope_frame *outer; /* NULL: the outermost */
	struct scope_frame *root;  /* the outermost */
	struct scope_name *names;
	struct scope_name *closed;  /* of the outermost: those that were set inside of braces that
				       have ended */
	struct scope_frame *caller; /* of the outermost one of a macro; NULL: of a probe */
};

struct resolver {
	struct compilation *c;
	struct unit *unit;
	struct scope_frame *frame;
	bool joins; /* variables of the unit have become one */
	VEC(struct scope_map_read) reads;
	const struct for_loop *loop; /* the innermost */
	bool wants_text;             /* a string is expected where a name is resolved */
};

/* How the parent uses a node. */
enum scope_use {
	USE_VALUE,
	USE_STATEMENT, /* the value is not looked at */
	USE_MAP_VALUE, /* right side of an assignment to a map */
};

/* Where names are resolved later. */
struct scope_state {
	struct scope_frame *frame;
	const struct for_loop *loop;
	bool wants_text;
	enum scope_use use;
};

/* An if or ?: with a comptime condition: the branch that this chooses, now or when types are known.
 * False for other conditions. */
bool scope_choice(
	struct resolver *r, struct node **slot, struct node *condition, enum scope_use use);

/* Resolves the branch that a comptime condition has chosen. */
void scope_resume(struct compilation *c, struct unit *unit, struct node **slot,
	const struct scope_state *state);

/* When all names are resolved: reports maps that nothing writes. Does nothing the second time. */
void scope_finish(struct compilation *c);

/* A type, or an expression whose type is asked for. */
void scope_sized(struct resolver *r, struct node **slot);

/* Resolves one node and what is below it; may replace it. */
void scope_node(struct resolver *r, struct node **slot, enum scope_use use);

/* Reports that the node, which is named what, has no meaning yet. */
void scope_unavailable(struct resolver *r, const struct node *node, const char *what);

/* --- scope_variable.c --- */

/* Names that are set from here on end with the next scope_close(). */
void scope_open(struct resolver *r);
void scope_close(struct resolver *r);

/* A new outermost frame. */
struct scope_frame *scope_root(struct resolver *r);

/* Lets uses of variables that became one refer to that one. */
void scope_join_variables(struct resolver *r);

void scope_read_variable(struct resolver *r, struct variable_use *use);
void scope_assign_variable(struct resolver *r, struct variable_use *use);
void scope_declare_variable(struct resolver *r, struct variable_use *use);

/* A name in the frame for what the caller of a macro has passed: an existing variable, or one that
 * the macro is to assign to. */
struct scope_name *scope_add_alias(struct resolver *r, struct scope_frame *frame, const char *text);
struct variable *scope_passed_variable(struct resolver *r, const struct variable_use *use);

/* What a macro's parameter @x is; NULL: no parameter. */
struct map *scope_aliased_map(const struct resolver *r, const char *name);

/* --- scope_macro.c --- */

/* The body of a macro in its own scope; it replaces the node. */
void scope_expansion(struct resolver *r, struct node **slot, enum scope_use use);

/* Puts what a macro was called with in the place of its ARGUMENT and goes over to the names of the
 * caller. Returns the frame to go back to. */
struct scope_frame *scope_enter_argument(struct resolver *r, struct node **slot);

/* --- scope_names.c --- */

/* The map of the name, which becomes that of the map when it is a macro's parameter. */
struct map *scope_find_map(struct resolver *r, struct map_access *access);

/* @x or @x[key]. */
void scope_map(struct resolver *r, struct map_access *access, bool writes);

/* @x as a whole, as in print(@x): decides nothing about its keys. */
void scope_whole_map(struct resolver *r, struct map_access *access);

/* Notes whether a map has keys; the first use decides. */
void scope_note_keyed(struct resolver *r, struct map *map, struct span span, bool keyed);

/* The values of a record; its fields have different names. */
void scope_record(struct resolver *r, struct record *record);

/* After all units: maps that are read and never written. */
void scope_report_unwritten(struct resolver *r);

/* --- scope_declared.c --- */

/* Reports what is wrong with a declaration of a map. */
void scope_check_declaration(struct resolver *r, struct node *node);

/* Sets what the script declares of a map. */
void scope_apply_declaration(const struct compilation *c, struct map *map);

/* After all units: maps that are declared only. */
void scope_report_unused(struct resolver *r);

/* --- scope_call.c --- */

/* A bare word: a builtin variable, or an enum constant, which becomes its number. */
void scope_identifier(struct resolver *r, struct node **slot);

/* Whether the unit's context has a value of the name: argN, sargN, retval. */
bool scope_is_value(const struct resolver *r, const char *name);

/* A bare word that is assigned to, which no word can be. */
void scope_target(struct resolver *r, struct node **slot);

/* Whether the value is a string for sure, before types are known. */
bool scope_yields_string(const struct resolver *r, struct node *node);

void scope_call(struct resolver *r, struct call *call, enum scope_use use);

/* pid(), the call of a variable: becomes the variable. False for any other call. */
bool scope_called_variable(struct resolver *r, struct node **slot);

/* What must be constant may be calculated: it becomes one INTEGER. */
void scope_fold(struct resolver *r, struct node **slot);

/* Whether it is a function of the script, which is refused where it is defined. */
bool scope_is_of_script(const struct compilation *c, const char *name);

/* --- scope_config.c --- */

/* config.NAME: becomes the value of the setting. False for any other member. */
bool scope_setting(struct resolver *r, struct node **slot);

/* --- scope_constant.c --- */

/* A bare word that is no builtin: a constant, which becomes its number. */
void scope_constant(struct resolver *r, struct node **slot);

/* Hints at the installed header that defines the unknown name. */
void scope_hint_at_header(const struct resolver *r, const char *name);

/* A call of a macro that C headers define, as S_ISREG(mode): becomes what it stands for, which is
 * yet to be resolved. False for any other call. */
bool scope_part(struct resolver *r, struct node **slot);

/* --- scope_container.c --- */

/* A call of container_of(): becomes the cast that it stands for, which is yet to be resolved. A
 * wrong argument is reported. False for any other call, and for a wrong number of arguments. */
bool scope_container(struct resolver *r, struct node **slot);
