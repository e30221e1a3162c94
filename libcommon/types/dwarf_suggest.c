/* SPDX-License-Identifier: Apache-2.0 */
/* The names of types and enumerators in debug information, for hints at the one that was meant. */
#include <dwarf.h>

#include "dwarf_names.h"
#include "from_dwarf.h"
#include "libcommon/base/suggest.h"
#include "libcommon/elf/die.h"

enum {
	SCOPES_DEPTH = 32,
	ENTRIES_MOST = 1 << 20, /* that are looked at for a hint */
};

struct offering {
	const struct dwarf_seeking *seeking;
	struct suggestion *suggestion;
	struct arena *arena; /* of what is offered */
	size_t entries;
};

static void offer_enumerators(struct offering *offering, Dwarf_Die *type)
{
	Dwarf_Die die;

	if (dwarf_child(type, &die) != 0)
		return;
	do {
		const char *name = die_text(&die, DW_AT_name);

		if (name)
			suggest_offer(offering->suggestion, name);
	} while (++offering->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
}

static void offer(struct offering *offering, Dwarf_Die *die, const char *prefix)
{
	int tag = dwarf_tag(die);
	const char *name = die_text(die, DW_AT_name);

	if (offering->seeking->enumerators && tag == DW_TAG_enumeration_type)
		offer_enumerators(offering, die);
	if (offering->seeking->enumerators || !name || !offering->seeking->is_meant(tag) ||
		dwarf_hasattr(die, DW_AT_declaration))
		return;
	if (*prefix)
		name = arena_printf(offering->arena, "%s%s", prefix, name);
	suggest_offer(offering->suggestion, name);
}

static void offer_scope(struct offering *offering, Dwarf_Die *scope, const char *prefix, int depth)
{
	Dwarf_Die die;

	if (depth == SCOPES_DEPTH || dwarf_child(scope, &die) != 0)
		return;
	do {
		const char *name;

		offer(offering, &die, prefix);
		if (!dwarf_is_scope(dwarf_tag(&die)))
			continue;
		name = die_text(&die, DW_AT_name);
		offer_scope(offering, &die,
			name ? arena_printf(offering->arena, "%s%s::", prefix, name) : prefix,
			depth + 1);
	} while (++offering->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
}

void dwarf_offer(struct debuginfo *info, const struct dwarf_seeking *seeking, struct arena *arena,
	struct suggestion *suggestion)
{
	struct offering offering = {.seeking = seeking, .suggestion = suggestion, .arena = arena};
	Dwarf_Die unit;

	for (size_t i = 0; debuginfo_unit_at(info, i, &unit); i++)
		offer_scope(&offering, &unit, "", 0);
}
