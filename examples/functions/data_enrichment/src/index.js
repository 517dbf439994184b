'use strict';

const { createHash } = require('node:crypto');

const TIERS = ['bronze', 'silver', 'gold'];

// Guide 0's DataEnrichmentFunction: the same customer gets the same score, everywhere.
exports.handler = async (event) => {
  const customer = event.customerId;
  if (!customer) throw new Error('customerId is required');
  const score = createHash('sha256').update(customer).digest().readUInt32BE(0) % 100;
  return {
    customerId: customer,
    sessionId: event.sessionId ?? null,
    tier: TIERS[Math.floor((score * TIERS.length) / 100)],
    score,
    enriched: true,
  };
};
