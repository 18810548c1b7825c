// Errors of data sources that are no error of a call to Webex.
import { ByovaError } from '@byova/auth/errors';

/**
 * Which data source is meant cannot be told, and guessing could break another service.
 *
 * - `several`: more than one has the URL and the schema.
 * - `similar_url`: one has the same URL written another way.
 * - `other_application`: the one that has the URL belongs to another Service App.
 */
export type DataSourceAmbiguity = 'several' | 'similar_url' | 'other_application';

/** More than one data source may be meant. Nothing was changed. */
export class DataSourceAmbiguousError extends ByovaError {
  declare readonly code: 'DATA_SOURCE_AMBIGUOUS';
  readonly reason: DataSourceAmbiguity;
  /** Ids of the data sources that may be meant. */
  readonly candidates: readonly string[];
  constructor(reason: DataSourceAmbiguity, candidates: readonly string[]) {
    const told = {
      several: 'More than one data source has this URL and schema. Give the id of the one that is meant',
      similar_url:
        'A data source has this URL in another writing, which Webex takes for another URL. Give its id to change it, or write the URL as it is registered',
      other_application:
        'A data source of this URL belongs to another Service App. Use another URL, or the credentials of that app',
    };
    super({ code: 'DATA_SOURCE_AMBIGUOUS', message: `${told[reason]} (${candidates.join(', ')}).` });
    this.reason = reason;
    this.candidates = candidates;
  }
}
