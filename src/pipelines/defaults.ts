/** Whose pipelines are where nobody says otherwise. All of it is invented, and the same in every run. */
export const DEFAULTS = {
  project_id: '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10',
  organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20',
  user_id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
  created_by_email: 'owner@example.com',
  created_at: '2026-01-01T00:00:00Z',
} as const
