import { useIsFetching, useQuery } from "@tanstack/react-query";
import { host, queries } from "../../api/cache";

const keyOf = (id: string) => ["remote_check", { id }];

/** The pre-flight check of a connection: made when a person asks, and kept as long as the window is open. */
export function useCheck(id: string) {
  return useQuery({ queryKey: keyOf(id), queryFn: () => host.call("remote_check", { id }), enabled: false, gcTime: Number.POSITIVE_INFINITY });
}

/** Whether one is under way, of whichever connection. */
export const useIsChecking = () => useIsFetching({ queryKey: ["remote_check"] }) > 0;

/** What was found holds no more: another field map, or no connection. */
export const forgetCheck = (id: string) => queries.removeQueries({ queryKey: keyOf(id) });
