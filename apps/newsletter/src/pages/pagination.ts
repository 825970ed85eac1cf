export const PAGE_SIZE = 20;

export interface Pagination {
  page: number;
  pages: number;
  previous?: number;
  next?: number;
}

/** Where a page is among all; the previous one of a page far beyond the end is the last one. */
export function paginate(page: number, total: number): Pagination {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  return {
    page,
    pages,
    previous: page > 1 ? Math.min(page - 1, pages) : undefined,
    next: page < pages ? page + 1 : undefined,
  };
}
