using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Notify.Delivery.Tests.LongestFirst", "Notify.Delivery.Tests")]

namespace Notify.Delivery.Tests;

/// <summary>Classes whose tests wait for a minute in all begin first, so that none of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] longest = [".Pager.", ".Channels.DingTalk", ".Lanes.BlockedLane", ".Channels.", ".SmsTwilio.", ".SmsAliyun."];

    /// <remarks>As unsigned numbers, so that the index of what is not in the list is the greatest.</remarks>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(x => (uint)Array.FindIndex(longest, y => x.DisplayName.Contains(y, StringComparison.Ordinal)));
}
