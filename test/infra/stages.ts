/** The stages under test: the table's four and a developer's own. */
export const personalStage = "ada";
export const namedStages = ["dev", "sit", "prod", "prod-dr"] as const;
export const everyStage = [...namedStages, personalStage] as const;

/** Stages that own their table and buckets. */
export const dataStages = ["dev", "sit", "prod", personalStage] as const;
