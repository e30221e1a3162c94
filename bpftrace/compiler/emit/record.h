/* SPDX-License-Identifier: Apache-2.0 */
/* Records for user space. */
#pragma once

#include "emitter.h"
#include "helper.h"

/* Adds a call site for user space to the manifest; returns its index. */
uint32_t record_site(struct emitter *e, struct node *call, enum action action);

/* Returns the manifest's row of a site, valid until the next site is added. */
struct manifest_site *record_site_row(struct emitter *e, uint32_t site);

/* Sends the values of a list of expressions (a call's arguments from first on). */
void record_send(struct emitter *e, uint32_t site, struct node *first);

/* A record of one text, which the caller writes at text. */
struct record_text {
	LLVMValueRef text;
	LLVMValueRef record;
	uint32_t offset;
};
struct record_text record_text_begin(struct emitter *e, uint32_t site, uint32_t room);

/* Sends it. length: i64, which the verifier must see to be within the room; cut: i1, whether there
 * was more text. */
void record_text_send(
	struct emitter *e, const struct record_text *text, LLVMValueRef length, LLVMValueRef cut);

/* Sends a control record with the i64 words given. */
void record_control(struct emitter *e, uint32_t site, const LLVMValueRef *words, size_t count);

/* Sends words (i64) and the first size bytes of a packet; skb: a pointer to struct sk_buff as the
 * verifier requires it. Returns the result of the helper. */
LLVMValueRef record_packet(struct emitter *e, uint32_t site, LLVMValueRef skb, LLVMValueRef size,
	const LLVMValueRef *words, size_t count);

/* Sends that a helper returned an error at the current span (-k). */
void record_helper_error(
	struct emitter *e, const char *helper, struct helper_failure failure, LLVMValueRef result);
