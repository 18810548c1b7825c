// A webhook as the platform keeps it. The members are those of the REST API, where `orgId` is the organization of the
// webhook's owner: the provider, never a customer.

/** A webhook. */
export interface StoredWebhook {
  /** As the REST API writes it. */
  readonly id: string;
  /** What the owner calls it. */
  readonly name: string;
  /** Where deliveries go. */
  readonly targetUrl: string;
  /** `serviceApp` or `dataSources`. */
  readonly resource: string;
  /** For example `authorized`. */
  readonly event: string;
  /** Conditions on the data, for example `id=<application id>`. */
  readonly filter?: string;
  /** The key of the signatures. */
  readonly secret?: string;
  /** `inactive` once too many deliveries have failed. */
  readonly status: 'active' | 'inactive';
  /** ISO 8601, by the platform's clock. */
  readonly created: string;
  /** Always the person who made it. */
  readonly ownedBy: 'creator';
  /** The provider's organization, as the REST API writes it. */
  readonly orgId: string;
  /** The person who made it, as the REST API writes it. */
  readonly createdBy: string;
  /** The Integration by which it was made, as an application id. */
  readonly appId: string;
}
