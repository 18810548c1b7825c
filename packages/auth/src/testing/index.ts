// Every export of @byova/auth/testing, by name.
/**
 * For tests of what you build on this package: the contract of a token store.
 *
 * @module @byova/auth/testing
 */
export { type ContractCase, type TokenStoreContract, tokenStoreContract } from './token-store-contract.ts';
